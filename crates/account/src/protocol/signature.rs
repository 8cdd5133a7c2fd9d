//! Whose request it is, and where it goes: the credential scope of Signature Version 4. The signature itself is not
//! checked, as the secret never leaves this process.

use http::Request;
use http::header::AUTHORIZATION;

use crate::base::ServiceError;

/// What the `Authorization` header says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CredentialScope<'a> {
    pub(crate) access_key_id: &'a str,
    pub(crate) session_token: Option<&'a str>,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// Reads `AWS4-HMAC-SHA256 Credential=AKID/20260301/eu-central-1/ec2/aws4_request, SignedHeaders=…, Signature=…`.
pub(crate) fn credential_scope(request: &Request<Vec<u8>>) -> Result<CredentialScope<'_>, ServiceError> {
    let headers = request.headers();
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).ok_or_else(|| {
        ServiceError::new("MissingAuthenticationToken", "Request is missing Authentication Token").status(403)
    })?;
    let incomplete = || {
        ServiceError::new(
            "IncompleteSignature",
            "Authorization header requires 'Credential' parameter of five parts, as Signature Version 4 writes it",
        )
    };
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256").ok_or_else(incomplete)?;
    let credential =
        fields.split(',').find_map(|field| field.trim().strip_prefix("Credential=")).ok_or_else(incomplete)?;
    let mut parts = credential.split('/');
    let (Some(access_key_id), Some(_date), Some(region), Some(service), Some("aws4_request"), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(incomplete());
    };
    let session_token = headers.get("x-amz-security-token").and_then(|value| value.to_str().ok());
    Ok(CredentialScope { access_key_id, session_token, region, service })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(authorization: &str) -> Request<Vec<u8>> {
        let mut request = Request::new(Vec::new());
        if let Ok(value) = http::HeaderValue::from_str(authorization) {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        request
    }

    #[test]
    fn reads_the_credential_scope() -> Result<(), ServiceError> {
        let request = request(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260301/us-gov-west-1/ec2/aws4_request, SignedHeaders=host, Signature=00",
        );
        let expected = CredentialScope {
            access_key_id: "AKIDEXAMPLE",
            session_token: None,
            region: "us-gov-west-1",
            service: "ec2",
        };
        assert_eq!(credential_scope(&request)?, expected);
        Ok(())
    }

    #[test]
    fn refuses_what_is_not_signed_so() {
        assert!(
            matches!(credential_scope(&Request::new(Vec::new())), Err(error) if error.code == "MissingAuthenticationToken")
        );
        for text in ["Basic Zm9v", "AWS4-HMAC-SHA256 Credential=A/B/C", "AWS4-HMAC-SHA256 Credential=A/B/C/D/E"] {
            assert!(
                matches!(credential_scope(&request(text)), Err(error) if error.code == "IncompleteSignature"),
                "{text}"
            );
        }
    }
}
