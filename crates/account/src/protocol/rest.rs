//! REST with JSON: the operation is a method and a path, parameters come from path, query and body.

use http::Request;
use serde_json::{Map, Value};

use super::{Decoded, json};
use crate::base::ServiceError;
use crate::model::Model;

/// Finds the operation whose route the request takes, and gathers its parameters.
pub(super) fn decode(request: &Request<Vec<u8>>, model: &Model) -> Result<Decoded, ServiceError> {
    let (method, path) = (request.method().as_str(), request.uri().path());
    let found = model.routed(method, |template| path_parameters(template, path));
    let Some((operation, mut members)) = found else {
        return Err(ServiceError::unsupported(format!("{method} {path}")));
    };
    for (name, value) in form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()) {
        match members.get_mut(name.as_ref()) {
            // A list in the query is a name given several times.
            Some(Value::Array(values)) => values.push(value.into_owned().into()),
            Some(first) => {
                let first = first.take();
                members.insert(name.into_owned(), Value::Array(vec![first, value.into_owned().into()]));
            }
            None => {
                members.insert(name.into_owned(), value.into_owned().into());
            }
        }
    }
    if let Value::Object(body) = json::object(request.body())? {
        members.extend(body);
    }
    Ok(Decoded { operation: operation.to_owned(), parameters: Value::Object(members) })
}

/// The values of `{Name}` parts, decoded, if the path fits the template. `{Name+}` takes the rest of the path.
fn path_parameters(template: &str, path: &str) -> Option<Map<String, Value>> {
    let mut members = Map::new();
    let mut path = path.trim_matches('/').split('/');
    for part in template.trim_matches('/').split('/') {
        match part.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => {
                let (name, value) = match name.strip_suffix('+') {
                    Some(name) => (name, path.by_ref().collect::<Vec<_>>().join("/")),
                    None => (name, path.next()?.to_owned()),
                };
                members.insert(name.to_owned(), percent_decoded(&value)?.into());
            }
            None if path.next()? == part => {}
            None => return None,
        }
    }
    path.next().is_none().then_some(members)
}

/// Percent decoding for one path segment; `+` stays, as paths are no forms.
fn percent_decoded(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let escaped = text.replace('+', "%2B");
    let form = format!("v={}", escaped.replace('&', "%26").replace(';', "%3B"));
    form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_fits_its_template() {
        let fits = |template, path| path_parameters(template, path).map(Value::Object);
        assert_eq!(fits("/findings/batchupdate", "/findings/batchupdate"), Some(json!({})));
        assert_eq!(fits("/findings/batchupdate", "/findings"), None);
        assert_eq!(fits("/findings", "/findings/batchupdate"), None);
        let arn = fits("/tags/{ResourceArn}", "/tags/arn%3Aaws%3Ahub%2Fdefault+1");
        assert_eq!(arn, Some(json!({"ResourceArn": "arn:aws:hub/default+1"})));
        assert_eq!(fits("/a/{Rest+}", "/a/b/c"), Some(json!({"Rest": "b/c"})));
    }
}
