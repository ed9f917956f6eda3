//! A bounded reader of GGUF model files, version 3: metadata and tensors, widened to `f32`.
//!
//! Layout (from the GGUF specification of the ggml project): magic, version, two counts, the metadata as typed key
//! and value, one descriptor per tensor, padding to the alignment, then the tensors' data. All little endian. Every
//! length is checked against the bytes that are there before anything is allocated, so a broken file gives a
//! [`GgufError`] and never a panic.

use std::collections::BTreeMap;

/// Why a file can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GgufError {
    /// The first four bytes are not `GGUF`.
    #[error("not a GGUF file: it does not begin with \"GGUF\"")]
    Magic,
    /// Another version of the format.
    #[error("GGUF version {0} is not supported (expected 3)")]
    Version(u32),
    /// It ends in the middle of something.
    #[error("the file ends too early: {wanted} bytes wanted at byte {at}")]
    Truncated {
        /// Where reading began.
        at: usize,
        /// How many bytes were wanted.
        wanted: u64,
    },
    /// A text that is no UTF-8.
    #[error("the text at byte {0} is not UTF-8")]
    Text(usize),
    /// A value type that the format does not have.
    #[error("unknown metadata type {kind} at byte {at}")]
    ValueType {
        /// The number found.
        kind: u32,
        /// Where.
        at: usize,
    },
    /// An alignment that is no power of two.
    #[error("general.alignment is {0}: expected a power of two")]
    Alignment(u64),
    /// A tensor whose dimensions multiply to more than can be addressed, or don't fill whole blocks.
    #[error("tensor {0} has an impossible shape")]
    Shape(String),
    /// A tensor in a format that this reader does not widen.
    #[error("tensor {name} has type {kind}: only f32 (0), f16 (1), q4_0 (2) and q8_0 (8) are read")]
    TensorType {
        /// The tensor.
        name: String,
        /// The number found.
        kind: u32,
    },
    /// Something that the model needs is not in the file.
    #[error("{0} is missing")]
    Missing(String),
    /// Something is there, but not as the model needs it.
    #[error("{name} is {found}: expected {expected}")]
    Unexpected {
        /// A metadata key or tensor name.
        name: String,
        /// What the file says.
        found: String,
        /// What was expected.
        expected: String,
    },
}

/// One metadata value. Numbers are widened; arrays are skipped, for nothing here needs what they hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any integer or boolean.
    Int(i128),
    /// Any floating-point number.
    Float(f64),
    /// A text.
    Text(String),
    /// An array, with its length.
    Array(u64),
}

/// One tensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Lengths of the axes, the contiguous one first: `[columns, rows]` for a matrix.
    pub shape: Vec<usize>,
    /// The elements, row after row.
    pub data: Vec<f32>,
}

/// A whole file.
#[derive(Debug, Clone, PartialEq)]
pub struct Gguf {
    /// The metadata.
    pub metadata: BTreeMap<String, Value>,
    /// The tensors by name.
    pub tensors: BTreeMap<String, Tensor>,
}

impl Gguf {
    /// Reads a whole file.
    ///
    /// # Errors
    /// [`GgufError`] at the first thing that is not as the format has it.
    pub fn read(bytes: &[u8]) -> Result<Self, GgufError> {
        let mut r = Reader { bytes, at: 0 };
        if r.take(4) != Ok(b"GGUF") {
            return Err(GgufError::Magic);
        }
        match r.u32()? {
            3 => {}
            other => return Err(GgufError::Version(other)),
        }
        let (tensor_count, metadata_count) = (r.u64()?, r.u64()?);
        let mut metadata = BTreeMap::new();
        for _ in 0..metadata_count {
            let key = r.text()?;
            let kind = r.u32()?;
            metadata.insert(key, r.value(kind, 0)?);
        }
        let mut headers = Vec::new();
        for _ in 0..tensor_count {
            headers.push(r.header()?);
        }
        let alignment = match metadata.get("general.alignment") {
            None => 32,
            Some(Value::Int(n)) => u64::try_from(*n).unwrap_or(0),
            Some(_) => 0,
        };
        if !alignment.is_power_of_two() {
            return Err(GgufError::Alignment(alignment));
        }
        let start = (r.at as u64).checked_next_multiple_of(alignment).ok_or(GgufError::Alignment(alignment))?;
        let tensors = headers
            .into_iter()
            .map(|header| {
                let offset = start.saturating_add(header.offset);
                let mut data = Reader { bytes, at: usize::try_from(offset).unwrap_or(usize::MAX) };
                let tensor = Tensor { data: header.widen(&mut data)?, shape: header.shape };
                Ok((header.name, tensor))
            })
            .collect::<Result<_, GgufError>>()?;
        Ok(Self { metadata, tensors })
    }

    /// A metadata text.
    ///
    /// # Errors
    /// When it is missing or no text.
    pub fn text(&self, key: &str) -> Result<&str, GgufError> {
        match self.metadata.get(key) {
            Some(Value::Text(text)) => Ok(text),
            other => Err(unfit(key, other, "a text")),
        }
    }

    /// A metadata number that counts something.
    ///
    /// # Errors
    /// When it is missing, no integer, zero or negative.
    pub fn count(&self, key: &str) -> Result<usize, GgufError> {
        match self.metadata.get(key) {
            Some(Value::Int(n)) if *n > 0 => {
                usize::try_from(*n).map_err(|_| unfit(key, self.metadata.get(key), "a smaller number"))
            }
            other => Err(unfit(key, other, "a whole number above 0")),
        }
    }

    /// A metadata number with a fraction.
    ///
    /// # Errors
    /// When it is missing or no finite floating-point number.
    pub fn float(&self, key: &str) -> Result<f64, GgufError> {
        match self.metadata.get(key) {
            Some(Value::Float(x)) if x.is_finite() => Ok(*x),
            other => Err(unfit(key, other, "a finite number")),
        }
    }

    /// Takes a tensor out, if it has the shape the model wants.
    ///
    /// # Errors
    /// When it is missing or shaped otherwise.
    pub fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, GgufError> {
        let tensor = self.tensors.remove(name).ok_or_else(|| GgufError::Missing(name.to_owned()))?;
        if tensor.shape == shape {
            return Ok(tensor.data);
        }
        Err(GgufError::Unexpected {
            name: name.to_owned(),
            found: format!("{:?}", tensor.shape),
            expected: format!("{shape:?}"),
        })
    }
}

fn unfit(key: &str, value: Option<&Value>, expected: &str) -> GgufError {
    match value {
        None => GgufError::Missing(key.to_owned()),
        Some(value) => {
            GgufError::Unexpected { name: key.to_owned(), found: format!("{value:?}"), expected: expected.to_owned() }
        }
    }
}

/// Arrays of arrays deeper than this are refused, so that reading can't exhaust the stack.
const MAX_NESTING: u32 = 4;

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: u64) -> Result<&'a [u8], GgufError> {
        let short = GgufError::Truncated { at: self.at, wanted: n };
        let end = usize::try_from(n).ok().and_then(|n| self.at.checked_add(n)).ok_or_else(|| short.clone())?;
        let taken = self.bytes.get(self.at..end).ok_or(short)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let short = GgufError::Truncated { at: self.at, wanted: N as u64 };
        self.take(N as u64)?.try_into().map_err(|_| short)
    }

    fn u32(&mut self) -> Result<u32, GgufError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, GgufError> {
        self.array().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Result<String, GgufError> {
        let length = self.u64()?;
        let at = self.at;
        let bytes = self.take(length)?;
        std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| GgufError::Text(at))
    }

    fn value(&mut self, kind: u32, depth: u32) -> Result<Value, GgufError> {
        let at = self.at;
        Ok(match kind {
            0 | 7 => Value::Int(u8::from_le_bytes(self.array()?).into()),
            1 => Value::Int(i8::from_le_bytes(self.array()?).into()),
            2 => Value::Int(u16::from_le_bytes(self.array()?).into()),
            3 => Value::Int(i16::from_le_bytes(self.array()?).into()),
            4 => Value::Int(self.u32()?.into()),
            5 => Value::Int(i32::from_le_bytes(self.array()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.array()?).into()),
            8 => Value::Text(self.text()?),
            9 if depth < MAX_NESTING => {
                let (kind, length) = (self.u32()?, self.u64()?);
                // An element takes at least one byte, so this loop is bounded by the file's length.
                for _ in 0..length {
                    self.value(kind, depth + 1)?;
                }
                Value::Array(length)
            }
            10 => Value::Int(self.u64()?.into()),
            11 => Value::Int(i64::from_le_bytes(self.array()?).into()),
            12 => Value::Float(f64::from_le_bytes(self.array()?)),
            _ => return Err(GgufError::ValueType { kind, at }),
        })
    }

    fn header(&mut self) -> Result<Header, GgufError> {
        let name = self.text()?;
        let axes = self.u32()?;
        let mut shape = Vec::new();
        for _ in 0..axes {
            let length = self.u64()?;
            shape.push(usize::try_from(length).map_err(|_| GgufError::Shape(name.clone()))?);
        }
        Ok(Header { name, shape, kind: self.u32()?, offset: self.u64()? })
    }
}

struct Header {
    name: String,
    shape: Vec<usize>,
    kind: u32,
    offset: u64,
}

/// Elements in a quantised block, which share one scale.
const BLOCK: usize = 32;

impl Header {
    /// Reads the elements and widens them to `f32`.
    fn widen(&self, r: &mut Reader<'_>) -> Result<Vec<f32>, GgufError> {
        // Bytes of a group and the elements that it holds.
        let (group_bytes, group): (usize, usize) = match self.kind {
            0 => (4, 1),
            1 => (2, 1),
            2 => (2 + BLOCK / 2, BLOCK),
            8 => (2 + BLOCK, BLOCK),
            kind => return Err(GgufError::TensorType { name: self.name.clone(), kind }),
        };
        let impossible = || GgufError::Shape(self.name.clone());
        let count = self.shape.iter().try_fold(1_usize, |n, &axis| n.checked_mul(axis)).ok_or_else(impossible)?;
        // Blocks never straddle rows.
        if !self.shape.first().is_some_and(|columns| columns.is_multiple_of(group)) {
            return Err(impossible());
        }
        let bytes = (count / group).checked_mul(group_bytes).ok_or_else(impossible)?;
        let groups = r.take(bytes as u64)?.chunks_exact(group_bytes);
        let mut out = Vec::with_capacity(count);
        for bytes in groups {
            match (self.kind, bytes) {
                (0, &[a, b, c, d]) => out.push(f32::from_le_bytes([a, b, c, d])),
                (1, &[a, b]) => out.push(half(u16::from_le_bytes([a, b]))),
                // Two 4-bit numbers a byte: the low halves are the first 16 elements. 8 stands for zero.
                (2, [a, b, packed @ ..]) => {
                    let scale = half(u16::from_le_bytes([*a, *b]));
                    out.extend(packed.iter().map(|q| scale * (f32::from(q & 15) - 8.0)));
                    out.extend(packed.iter().map(|q| scale * (f32::from(q >> 4) - 8.0)));
                }
                (_, [a, b, numbers @ ..]) => {
                    let scale = half(u16::from_le_bytes([*a, *b]));
                    out.extend(numbers.iter().map(|q| scale * f32::from(q.cast_signed())));
                }
                _ => return Err(impossible()),
            }
        }
        Ok(out)
    }
}

/// Widens an IEEE 754 half-precision number.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023) / 1024.0);
    sign * match exponent {
        0 => fraction * 2_f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2_f32.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Writes small files, so that reading is tested against something that is not the reader.
    #[derive(Default)]
    struct Writer(Vec<u8>);

    impl Writer {
        fn text(&mut self, text: &str) -> &mut Self {
            self.0.extend((text.len() as u64).to_le_bytes());
            self.0.extend(text.as_bytes());
            self
        }
        fn u32(&mut self, n: u32) -> &mut Self {
            self.0.extend(n.to_le_bytes());
            self
        }
        fn u64(&mut self, n: u64) -> &mut Self {
            self.0.extend(n.to_le_bytes());
            self
        }
    }

    fn file(kind: u32, shape: &[u64], data: &[u8]) -> Vec<u8> {
        let mut w = Writer(b"GGUF".to_vec());
        w.u32(3).u64(1).u64(3);
        w.text("general.architecture").u32(8).text("llama");
        w.text("llama.block_count").u32(4).u32(2);
        w.text("list").u32(9).u32(8).u64(2).text("a").text("b");
        w.text("w").u32(u32::try_from(shape.len()).unwrap());
        for axis in shape {
            w.u64(*axis);
        }
        w.u32(kind).u64(0);
        w.0.resize(w.0.len().next_multiple_of(32), 0);
        w.0.extend(data);
        w.0
    }

    fn widened(kind: u32, shape: &[u64], data: &[u8]) -> Result<Vec<f32>, GgufError> {
        Gguf::read(&file(kind, shape, data)).map(|f| f.tensors["w"].data.clone())
    }

    #[test]
    fn every_tensor_type_is_widened() {
        let floats: Vec<u8> = [1.5_f32, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(widened(0, &[2], &floats), Ok(vec![1.5, -2.0]));
        // 1, -2, smallest subnormal, largest finite.
        let halves: Vec<u8> = [0x3c00_u16, 0xc000, 0x0001, 0x7bff].iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(widened(1, &[4], &halves), Ok(vec![1.0, -2.0, 2_f32.powi(-24), 65504.0]));
        let mut q8 = vec![0x00, 0x38];
        q8.extend((0..32).map(|i: i8| (i - 16).cast_unsigned()));
        assert_eq!(widened(8, &[32], &q8), Ok((0..32_i16).map(|i| 0.5 * f32::from(i - 16)).collect()));
        let mut q4 = vec![0x00, 0x3c];
        q4.extend((0..16_u8).map(|i| i | (15 - i) << 4));
        let expected = (0..16_i16).map(|i| i - 8).chain((0..16).map(|i| 7 - i)).map(f32::from).collect();
        assert_eq!(widened(2, &[32], &q4), Ok(expected));
    }

    #[test]
    fn metadata_is_read_by_type() {
        let f = Gguf::read(&file(0, &[1], &[0; 4])).unwrap();
        assert_eq!(f.text("general.architecture"), Ok("llama"));
        assert_eq!(f.count("llama.block_count"), Ok(2));
        assert_eq!(f.metadata.get("list"), Some(&Value::Array(2)));
        assert_eq!(f.count("none"), Err(GgufError::Missing("none".into())));
        assert!(matches!(f.float("llama.block_count"), Err(GgufError::Unexpected { .. })));
    }

    #[test]
    fn broken_files_are_named_errors() {
        assert_eq!(Gguf::read(b"GGML"), Err(GgufError::Magic));
        assert_eq!(Gguf::read(b"GGUF\x02\0\0\0"), Err(GgufError::Version(2)));
        assert!(matches!(widened(0, &[u64::MAX, 2], &[]), Err(GgufError::Shape(_))));
        assert!(matches!(widened(8, &[33], &[0; 64]), Err(GgufError::Shape(_))));
        assert!(matches!(widened(0, &[1 << 40], &[]), Err(GgufError::Truncated { .. })));
        assert!(matches!(widened(14, &[256], &[0; 256]), Err(GgufError::TensorType { kind: 14, .. })));
        let mut f = Gguf::read(&file(0, &[1], &[0; 4])).unwrap();
        assert!(matches!(f.tensor("w", &[2]), Err(GgufError::Unexpected { .. })));
    }

    proptest! {
        #[test]
        fn no_cut_and_no_flipped_byte_panics(cut in 0_usize..400, at in 0_usize..400, byte: u8) {
            let whole = file(8, &[32, 2], &[1; 68]);
            prop_assert_eq!(Gguf::read(&whole[..cut.min(whole.len())]).is_ok(), cut >= whole.len());
            let mut flipped = whole;
            if let Some(b) = flipped.get_mut(at) {
                *b = byte;
            }
            let read = Gguf::read(&flipped);
            prop_assert!(read.is_err() || read.is_ok_and(|f| f.tensors.len() <= 1));
        }
    }
}
