//! The byte vocabulary of the embedded models: three special tokens, then one token for every byte.
//!
//! Token 35 is the space: 32 + 3, as the rule has it. In the model files its text is "▁" (U+2581), since llama.cpp's
//! SentencePiece-style tokenizer writes a space that way; the number is the same, so both read a prompt alike.

/// A token's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(u16);

/// Tokens before the bytes: unknown, beginning, end.
const SPECIAL: u16 = 3;

impl Token {
    /// Beginning of the text; every prompt starts with it.
    pub const BOS: Self = Self(1);
    /// End of the text: the model is done.
    pub const EOS: Self = Self(2);
    /// How many tokens there are.
    pub const COUNT: usize = SPECIAL as usize + 256;

    /// The token of a byte.
    #[must_use]
    pub fn from_byte(byte: u8) -> Self {
        Self(SPECIAL + u16::from(byte))
    }

    /// The token with this number, if there is one.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        u16::try_from(index).ok().filter(|_| index < Self::COUNT).map(Self)
    }

    /// The token's number: its row in the embedding, its place among the logits.
    #[must_use]
    pub fn index(self) -> usize {
        self.0.into()
    }

    /// The byte it stands for; none for the special tokens.
    #[must_use]
    pub fn byte(self) -> Option<u8> {
        self.0.checked_sub(SPECIAL).and_then(|byte| u8::try_from(byte).ok())
    }
}

/// A prompt as the models read it: beginning of text, then its bytes.
pub fn encode(prompt: &str) -> impl Iterator<Item = Token> {
    std::iter::once(Token::BOS).chain(prompt.bytes().map(Token::from_byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_its_value_plus_three_and_comes_back() {
        assert_eq!(Token::from_byte(b' ').index(), 35);
        assert!((0..=255).all(|b| Token::from_byte(b).byte() == Some(b)));
        assert_eq!((Token::BOS.byte(), Token::EOS.byte()), (None, None));
        assert_eq!(Token::from_index(258).and_then(Token::byte), Some(255));
        assert_eq!(Token::from_index(259), None);
        assert_eq!(encode("1=").map(Token::index).collect::<Vec<_>>(), [1, 52, 64]);
    }
}
