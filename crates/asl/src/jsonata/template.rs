use serde_json::{Map, Value};

use super::err::{EvaluationError, Problem};
use super::eval::{Bindings, evaluate};
use super::expression::{Expression, ExpressionError};
use super::field::Field;
use crate::payload::Payload;

/// A value that holds expressions at any place (`Arguments`, `Output`, `Assign`, `Items`, `ItemSelector`).
#[derive(Debug, Clone)]
pub enum JsonataTemplate {
    /// A value without expressions.
    Fixed(Payload),
    /// An expression.
    Expression(Expression),
    /// An object that holds expressions.
    Object(Vec<(String, JsonataTemplate)>),
    /// An array that holds expressions.
    Array(Vec<JsonataTemplate>),
}

impl JsonataTemplate {
    /// Reads a template. The value comes from a parser that bounds its depth.
    ///
    /// # Errors
    /// When a text in delimiters is not an expression.
    pub fn parse(value: &Value) -> Result<JsonataTemplate, ExpressionError> {
        Ok(match value {
            Value::String(text) => match Expression::delimited(text) {
                Some(source) => JsonataTemplate::Expression(Expression::parse(source)?),
                None => JsonataTemplate::Fixed(Payload::new(value.clone())),
            },
            Value::Array(items) => {
                let items = items.iter().map(JsonataTemplate::parse).collect::<Result<Vec<_>, _>>()?;
                if items.iter().all(JsonataTemplate::is_fixed) {
                    JsonataTemplate::Fixed(Payload::new(value.clone()))
                } else {
                    JsonataTemplate::Array(items)
                }
            }
            Value::Object(map) => {
                let fields = map
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), JsonataTemplate::parse(value)?)))
                    .collect::<Result<Vec<_>, _>>()?;
                if fields.iter().all(|(_, value)| value.is_fixed()) {
                    JsonataTemplate::Fixed(Payload::new(value.clone()))
                } else {
                    JsonataTemplate::Object(fields)
                }
            }
            _ => JsonataTemplate::Fixed(Payload::new(value.clone())),
        })
    }

    fn is_fixed(&self) -> bool {
        matches!(self, JsonataTemplate::Fixed(_))
    }

    /// The value of the template; `field` is the name of the field it belongs to.
    pub(crate) fn evaluate<'f>(
        &self,
        bindings: &mut dyn Bindings,
        field: impl Into<Field<'f>>,
    ) -> Result<Payload, EvaluationError> {
        let field = field.into();
        match self {
            JsonataTemplate::Fixed(payload) => Ok(payload.clone()),
            JsonataTemplate::Expression(expression) => evaluate(expression, bindings, field),
            _ => self.build(bindings, field).map(Payload::new),
        }
    }

    fn build(&self, bindings: &mut dyn Bindings, field: Field<'_>) -> Result<Value, EvaluationError> {
        Ok(match self {
            JsonataTemplate::Fixed(payload) => payload.value().clone(),
            JsonataTemplate::Expression(expression) => {
                let value = evaluate(expression, bindings, field)?;
                if !value.size().is_some_and(|size| bindings.spend(size)) {
                    return Err(EvaluationError::new(expression, field, Problem::TooLarge));
                }
                value.into_value()
            }
            JsonataTemplate::Object(fields) => {
                let mut out = Map::with_capacity(fields.len());
                for (name, template) in fields {
                    let value = match template {
                        JsonataTemplate::Fixed(payload) => payload.value().clone(),
                        template => template.build(bindings, Field::Within(&field, name))?,
                    };
                    out.insert(name.clone(), value);
                }
                Value::Object(out)
            }
            JsonataTemplate::Array(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (at, template) in items.iter().enumerate() {
                    out.push(template.build(bindings, Field::Item(&field, at))?);
                }
                Value::Array(out)
            }
        })
    }
}
