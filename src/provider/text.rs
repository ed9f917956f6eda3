//! Texts of a JSON event, borrowed from it where the JSON allows: what every adapter's event types are made of.

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

/// A text that stays borrowed inside an `Option`, where serde's own `Cow` would be copied.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

/// The text of an optional field; nothing where it is absent or null.
pub(super) fn or_empty<'t>(text: &'t Option<Text<'_>>) -> &'t str {
    text.as_ref().map_or("", |t| t)
}

/// A text where the field may also hold something else, which is passed over: fields of one name that events of
/// different types fill differently.
pub(super) struct Loose<'a>(Option<Cow<'a, str>>);

impl Loose<'_> {
    pub(super) fn text(&self) -> &str {
        self.0.as_deref().unwrap_or("")
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl<'de> Visitor<'de> for Read {
            type Value = Loose<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Borrowed(text))))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Loose(Some(Cow::Owned(text.to_owned()))))
            }
            fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Loose(None))
            }
            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Loose(None))
            }
            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Loose(None))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Loose(None))
            }
            fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
                Ok(Loose(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Loose(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Loose(None))
            }
        }
        deserializer.deserialize_any(Read)
    }
}

/// One of several answers to a request, which say which they are.
pub(super) trait Indexed {
    /// Which; 0 where it is not said.
    fn index(&self) -> u64;
}

/// Out of a list of answers the first of index 0: one is asked for. Taken without a list being built.
pub(super) struct First<T>(pub(super) Option<T>);

impl<'de, T: Deserialize<'de> + Indexed> Deserialize<'de> for First<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Indexed> Visitor<'de> for Read<T> {
            type Value = First<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut first = None;
                while let Some(item) = items.next_element::<T>()? {
                    if first.is_none() && item.index() == 0 {
                        first = Some(item);
                    }
                }
                Ok(First(first))
            }
        }
        deserializer.deserialize_seq(Read(PhantomData))
    }
}

/// A JSON object that is read into a value which is there already. What is read for every token is read so: a derived
/// reader makes each object apart and moves it into the one around it, some hundred bytes a level.
pub(super) trait Fields<'de>: Default {
    /// Takes the value of a field, or passes over it.
    fn field<A: MapAccess<'de>>(&mut self, name: &str, value: &mut A) -> Result<(), A::Error>;
}

/// Reads an object into a value.
pub(super) struct Into<'s, T>(pub(super) &'s mut T);

impl<'de, T: Fields<'de>> DeserializeSeed<'de> for Into<'_, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, T: Fields<'de>> Visitor<'de> for Into<'_, T> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(name) = fields.next_key::<Text<'de>>()? {
            self.0.field(&name, &mut fields)?;
        }
        Ok(())
    }
}

/// Reads an object, or null, into a value, and notes whether it was one.
pub(super) struct IntoIf<'s, T>(pub(super) &'s mut T, pub(super) &'s mut bool);

impl<'de, T: Fields<'de>> DeserializeSeed<'de> for IntoIf<'_, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Fields<'de>> Visitor<'de> for IntoIf<'_, T> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or null")
    }
    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        *self.1 = true;
        Into(self.0).deserialize(deserializer)
    }
}

/// Reads a list of answers, or null, into the first of index 0, and notes whether it was a list.
pub(super) struct IntoFirst<'s, T>(pub(super) &'s mut Option<T>, pub(super) &'s mut bool);

impl<'de, T: Fields<'de> + Indexed> DeserializeSeed<'de> for IntoFirst<'_, T> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de, T: Fields<'de> + Indexed> Visitor<'de> for IntoFirst<'_, T> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        *self.1 = true;
        loop {
            if self.0.as_ref().is_some_and(|item| item.index() == 0) {
                // The others are read too, so that what is wrong in them is told.
                while items.next_element_seed(Into(&mut T::default()))?.is_some() {}
                return Ok(());
            }
            if items.next_element_seed(Into(self.0.insert(T::default())))?.is_none() {
                *self.0 = None;
                return Ok(());
            }
        }
    }
}

/// A list, or (some servers) its only element without the list.
pub(super) struct Many<T>(pub(super) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Read<T> {
            type Value = Many<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list or an object")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(item) = items.next_element()? {
                    all.push(item);
                }
                Ok(Many(all))
            }
            fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(entries)).map(|one| Many(vec![one]))
            }
        }
        deserializer.deserialize_any(Read(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_takes_texts_and_passes_over_the_rest() {
        let text = |json: &str| serde_json::from_str::<Loose<'_>>(json).map(|l| l.text().to_owned()).ok();
        assert_eq!(text(r#""a\n""#).as_deref(), Some("a\n"));
        for other in ["null", "true", "-1", "1", "1.5", "[1,[2]]", r#"{"a":{"b":1}}"#] {
            assert_eq!(text(other).as_deref(), Some(""), "{other}");
        }
        let deep = "[".repeat(5_000) + &"]".repeat(5_000);
        assert_eq!(text(&format!("[{deep}]")).as_deref(), Some(""), "depth is no recursion");
    }

    #[test]
    fn unescaped_texts_stay_borrowed() {
        let text: Text<'_> = serde_json::from_str("\"plain\"").unwrap();
        assert!(matches!(text.0, Cow::Borrowed("plain")));
    }
}
