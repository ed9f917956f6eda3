//! As much of Protocol Buffers' wire format as OTLP's metrics take: what is written, and what is read of an answer.
//!
//! By hand, since it is four wire types: the generated code and its transport would be a multiple of this program's whole
//! HTTP side. Field numbers are given where a message is written; a test reads everything back with the published definitions.

/// A message that is being written.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const LENGTH: u64 = 2;
const FIXED32: u64 = 5;

impl Writer {
    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn varint(&mut self, value: u64) {
        put_varint(&mut self.bytes, value);
    }

    fn tag(&mut self, field: u32, wire: u64) {
        self.varint(u64::from(field) << 3 | wire);
    }

    /// A whole number, enumeration or truth; zero is what its absence means.
    pub fn uint(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.tag(field, VARINT);
            self.varint(value);
        }
    }

    /// A `fixed64`; likewise.
    pub fn fixed64(&mut self, field: u32, value: u64) {
        if value != 0 {
            self.tag(field, FIXED64);
            self.bytes.extend(value.to_le_bytes());
        }
    }

    /// A `double` that is optional or one of a choice, and so is written whatever it is.
    pub fn double(&mut self, field: u32, value: f64) {
        self.tag(field, FIXED64);
        self.bytes.extend(value.to_le_bytes());
    }

    /// A text; an empty one is what its absence means.
    pub fn text(&mut self, field: u32, value: &str) {
        if !value.is_empty() {
            self.choice_text(field, value);
        }
    }

    /// A text that is one of a choice, and so is written whatever it is.
    pub fn choice_text(&mut self, field: u32, value: &str) {
        self.tag(field, LENGTH);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value.as_bytes());
    }

    /// A packed list of `fixed64`.
    pub fn packed_fixed64(&mut self, field: u32, values: impl ExactSizeIterator<Item = u64>) {
        self.packed(field, values.map(u64::to_le_bytes));
    }

    /// A packed list of `double`.
    pub fn packed_double(&mut self, field: u32, values: impl ExactSizeIterator<Item = f64>) {
        self.packed(field, values.map(f64::to_le_bytes));
    }

    fn packed(&mut self, field: u32, values: impl ExactSizeIterator<Item = [u8; 8]>) {
        if values.len() > 0 {
            self.tag(field, LENGTH);
            self.varint(values.len() as u64 * 8);
            values.for_each(|value| self.bytes.extend(value));
        }
    }

    /// A message within. Its length stands before it and is known behind it: what was written is moved by the bytes of
    /// its length, which is cheaper than to count everything first.
    pub fn message(&mut self, field: u32, write: impl FnOnce(&mut Self)) {
        self.tag(field, LENGTH);
        let start = self.bytes.len();
        write(self);
        let mut length = Vec::with_capacity(10);
        put_varint(&mut length, (self.bytes.len() - start) as u64);
        self.bytes.splice(start..start, length);
    }
}

fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    bytes.push(value.to_le_bytes()[0]);
}

/// A field's value, as far as its wire type tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field<'a> {
    /// Whole numbers.
    Varint(u64),
    /// Texts, messages and packed lists.
    Bytes(&'a [u8]),
    /// Numbers of a fixed width, which no answer of OTLP has.
    Fixed,
}

/// The fields of a message, in the order they come; none where the bytes are no message.
#[must_use]
pub fn fields(mut bytes: &[u8]) -> Option<Vec<(u64, Field<'_>)>> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let tag = take_varint(&mut bytes)?;
        let field = match tag & 7 {
            VARINT => Field::Varint(take_varint(&mut bytes)?),
            LENGTH => {
                let length = usize::try_from(take_varint(&mut bytes)?).ok()?;
                Field::Bytes(take(&mut bytes, length)?)
            }
            FIXED64 => take(&mut bytes, 8).map(|_| Field::Fixed)?,
            FIXED32 => take(&mut bytes, 4).map(|_| Field::Fixed)?,
            _ => return None,
        };
        fields.push((tag >> 3, field));
    }
    Some(fields)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (head, tail) = bytes.split_at_checked(length)?;
    *bytes = tail;
    Some(head)
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue, any_value::Value};
    use opentelemetry_proto::tonic::metrics::v1::{HistogramDataPoint, NumberDataPoint, number_data_point};
    use proptest::prelude::*;
    use prost::Message as _;

    proptest! {
        #[test]
        fn numbers_and_lists_are_what_the_published_definitions_read(
            (start, at, count) in any::<(u64, u64, u64)>(),
            sum in any::<Option<f64>>(),
            counts in proptest::collection::vec(any::<u64>(), 0..40),
            bounds in proptest::collection::vec(any::<f64>(), 0..40),
            flags in any::<u32>(),
        ) {
            let mut writer = Writer::default();
            writer.fixed64(2, start);
            writer.fixed64(3, at);
            writer.fixed64(4, count);
            sum.iter().for_each(|sum| writer.double(5, *sum));
            writer.packed_fixed64(6, counts.iter().copied());
            writer.packed_double(7, bounds.iter().copied());
            writer.uint(10, flags.into());
            let want = HistogramDataPoint {
                start_time_unix_nano: start,
                time_unix_nano: at,
                count,
                sum,
                bucket_counts: counts,
                explicit_bounds: bounds,
                flags,
                ..HistogramDataPoint::default()
            };
            // By bytes: a NaN is equal to none, and fields were written in the order of their numbers.
            prop_assert_eq!(writer.into_bytes(), want.encode_to_vec());
        }

        #[test]
        fn choices_are_written_whatever_they_are(real in any::<f64>()) {
            for value in [real, 0.0, f64::INFINITY] {
                let mut writer = Writer::default();
                writer.double(4, value);
                let value = Some(number_data_point::Value::AsDouble(value));
                let want = NumberDataPoint { value, ..NumberDataPoint::default() };
                prop_assert_eq!(writer.into_bytes(), want.encode_to_vec());
            }
        }

        #[test]
        fn messages_within_messages_have_their_lengths(key in ".{0,300}", texts in proptest::collection::vec(".{0,200}", 0..20)) {
            let mut writer = Writer::default();
            writer.text(1, &key);
            writer.message(2, |value| {
                value.message(5, |list| texts.iter().for_each(|text| list.message(1, |one| one.choice_text(1, text))));
            });
            let bytes = writer.into_bytes();
            let values = texts.iter().map(|text| AnyValue { value: Some(Value::StringValue(text.clone())) }).collect();
            let value = AnyValue { value: Some(Value::ArrayValue(ArrayValue { values })) };
            let want = KeyValue { key: key.clone(), value: Some(value), ..KeyValue::default() };
            prop_assert_eq!(&bytes, &want.encode_to_vec());
            // And what is read of it again.
            let read = fields(&bytes).unwrap();
            let text = read.iter().find(|(field, _)| *field == 1).map(|(_, value)| *value);
            prop_assert_eq!(text, (!key.is_empty()).then_some(Field::Bytes(key.as_bytes())));
        }

        #[test]
        fn what_is_no_message_is_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _read = fields(&bytes);
        }
    }

    #[test]
    fn what_is_cut_or_endless_is_no_message() {
        assert_eq!(fields(&[]), Some(Vec::new()));
        assert_eq!(fields(&[8, 150, 1]), Some(vec![(1, Field::Varint(150))]));
        assert_eq!(fields(&[8, 150]), None, "a number that does not end");
        assert_eq!(fields(&[10, 5, 1]), None, "a text shorter than it says");
        assert_eq!(fields(&[11]), None, "a wire type that is no more");
        assert_eq!(fields(&[0xff; 11]), None);
        assert_eq!(
            fields(&[9, 0, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 0]),
            Some(vec![(1, Field::Fixed), (2, Field::Fixed)])
        );
    }
}
