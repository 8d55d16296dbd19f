//! JSON that keeps the order of its members, and says when one stands twice: a policy is other people's text, and
//! what is not ours in it has to stay as it is.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Number;

/// Whole numbers beyond this are not exact as floating-point ones.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Json>),
    /// In the order they stand in.
    Members(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn string(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// One member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Members(members) = self else { return None };
        members.iter().find_map(|(known, value)| (known == name).then_some(value))
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The elements of a list, or the one value that stands for a list of one.
    pub(super) fn elements(&self) -> &[Self] {
        if let Self::List(elements) = self { elements } else { std::slice::from_ref(self) }
    }

    /// Without a needless space.
    pub(super) fn compact(&self) -> String {
        // Texts, numbers and lists of them always become JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// For people.
    pub(super) fn indented(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The form that two policies share which mean the same: members and elements in order, a list of one as its
    /// element, "anyone" always as `"*"`. Every list of a policy is a set.
    pub(super) fn canonical(&self) -> Self {
        match self {
            Self::List(elements) => {
                let mut elements: Vec<Self> = elements.iter().map(Self::canonical).collect();
                elements.sort_by_cached_key(Self::compact);
                elements.dedup();
                match <[Self; 1]>::try_from(elements) {
                    Ok([only]) => only,
                    Err(elements) => Self::List(elements),
                }
            }
            Self::Members(members) => {
                let mut members: Vec<(String, Self)> =
                    members.iter().map(|(name, value)| (name.clone(), canonical_member(name, value))).collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                Self::Members(members)
            }
            other => other.clone(),
        }
    }
}

fn canonical_member(name: &str, value: &Json) -> Json {
    let value = value.canonical();
    let is_anyone = (name == "Principal" || name == "NotPrincipal")
        && matches!(&value, Json::Members(members)
            if matches!(members.as_slice(), [(kind, Json::Text(who))] if kind == "AWS" && who == "*"));
    if is_anyone { Json::string("*") } else { value }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(elements) => elements.serialize(serializer),
            Self::Members(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Json, E> {
        let exact = Number::from_f64(value).filter(|_| value.abs() < EXACT);
        exact.map(Json::Number).ok_or_else(|| E::custom("a number is too large to be kept as it is"))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::string(text))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Json, E> {
        Ok(Json::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            elements.push(element);
        }
        Ok(Json::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if members.iter().any(|(known, _)| *known == name) {
                return Err(de::Error::custom(format!("“{name}” stands twice in one object")));
            }
            members.push((name, value));
        }
        Ok(Json::Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn everything_comes_out_as_it_went_in() {
        for text in [r#"{"b":1,"a":[null,true,-5,18446744073709551615,0.5],"c":{},"":""}"#, "[]", r#""한글 \" \\ \n""#]
        {
            assert_eq!(parse(text).compact(), text);
        }
        assert!(serde_json::from_str::<Json>(r#"{"a":1,"a":2}"#).is_err());
        assert!(serde_json::from_str::<Json>("1e300").is_err());
        assert!(serde_json::from_str::<Json>("{} x").is_err());
    }

    #[test]
    fn what_means_the_same_has_one_form() {
        let same = [
            r#"{"Principal":"*","Action":["b","a"]}"#,
            r#"{"Action":["a","b","a"],"Principal":{"AWS":"*"}}"#,
            r#"{"Action":["a","b"],"Principal":{"AWS":["*"]}}"#,
        ];
        for text in same {
            assert_eq!(parse(text).canonical(), parse(same[0]).canonical(), "{text}");
        }
        assert_ne!(parse(r#"{"Principal":{"AWS":"1"}}"#).canonical(), parse(r#"{"Principal":"1"}"#).canonical());
    }
}
