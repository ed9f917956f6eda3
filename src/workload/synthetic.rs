//! Texts of a given length in tokens, for traces that say how long a question was and not what was in it.
//!
//! No tokenizer is on board. The texts are made of words that are one token each, with a space before them and without,
//! in nine vocabularies that were looked at: OpenAI's r50k, p50k, cl100k and o200k, Llama 2 and 3, Mistral, Qwen and
//! Claude 2. A text of 100,000 of them was 100,000 tokens in each. Another vocabulary may split some: the answer's usage
//! record says what it came to. What a chat template adds comes on top.
//!
//! All words have four letters, so that a length in tokens is a length in bytes.

use crate::domain::Synthetic;

/// Four letters each, with a space after all but the last.
const WORDS: &str = "\
    able acid aged ages area arms atom away baby ball band base bean bear been bell bill bind bits boat body book \
    born boys call camp cars case cent char chip clip club coat code cold cool copy corn cost dark data date deal \
    deck disk does done down draw dump each east echo edge ever eyes fact fair farm feed feel file fill find fire \
    fish five flag flow font food form fort free from full gain game girl give gold good grab grid grow half hall \
    hang hash have heat held here hide high hold hole hook host hour into iron jack join just keys kick king know \
    land late laws leaf lean less life like link list load lock look lord loss made mail make many maps mass math \
    meet menu mind mini mint mist mode more move much name near need news nice node none once ones onto over pace \
    page paid park part past peak pick plan play plug pole poll port pose pour pure push race rail rank rate real \
    rest rice ride ring road role roll root rose rule runs said same sand scan seat seek self sell sent sets shop \
    side sign size skip slow snap sold some song sort span spot stay stem stop such tail take tank team tell text \
    than them they thin thus tile tiny tone tons town tree true turn unit used user view vote walk want warm ways \
    week went were what wide will wine wing with word work yard year zero";
/// A word and the space after it, in bytes.
const STRIDE: usize = 5;

/// The text of a recipe.
pub(super) fn text(recipe: &Synthetic) -> String {
    let Synthetic { tokens, blocks, block_tokens, seed, own } = recipe;
    let mut text = String::with_capacity(*tokens as usize * STRIDE);
    let mut left = *tokens;
    for block in blocks.iter() {
        let length = left.min(*block_tokens);
        write(&mut text, mix(mix(*seed) ^ *block), length);
        left -= length;
    }
    write(&mut text, mix(mix(!*seed) ^ *own), left);
    text.truncate(text.trim_end().len());
    text
}

/// So many words, each with a space after it.
fn write(text: &mut String, mut state: u64, words: u32) {
    let (mut bits, mut left) = (0_u64, 0);
    for _ in 0..words {
        if left == 0 {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            (bits, left) = (mix(state), 8);
        }
        let at = (bits & 0xFF) as usize * STRIDE;
        text.push_str(WORDS.get(at..at + STRIDE - 1).unwrap_or("word"));
        text.push(' ');
        (bits, left) = (bits >> 8, left - 1);
    }
}

/// The finaliser of SplitMix64 (Steele, Lea & Flood 2014): every bit of the input moves every bit of the output.
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn recipe(tokens: u32, blocks: &[u64], own: u64) -> Synthetic {
        Synthetic { tokens, blocks: blocks.into(), block_tokens: 16, seed: 1, own }
    }

    #[test]
    fn words_are_256_of_four_letters() {
        let words: BTreeSet<&str> = WORDS.split(' ').collect();
        assert_eq!((words.len(), WORDS.len()), (256, 256 * STRIDE - 1));
        assert!(words.iter().all(|w| w.len() == 4 && w.chars().all(|c| c.is_ascii_lowercase())));
    }

    #[test]
    fn the_same_block_is_the_same_text_and_no_other() {
        let (a, b) = (text(&recipe(40, &[7, 8, 9], 1)), text(&recipe(40, &[7, 8, 10], 2)));
        let shared = 32 * STRIDE;
        assert_eq!(a[..shared], b[..shared]);
        assert_ne!(a[shared..], b[shared..]);
        // A block that is cut short begins like the whole one.
        assert!(text(&recipe(48, &[7, 8, 9], 1)).starts_with(&a));
        // Beyond the blocks every text is its own.
        assert_ne!(text(&recipe(20, &[7], 1))[16 * STRIDE..], text(&recipe(20, &[7], 2))[16 * STRIDE..]);
        assert_eq!(text(&recipe(20, &[], 1)), text(&recipe(20, &[], 1)));
    }

    proptest! {
        #[test]
        fn a_text_has_the_length_it_is_given(tokens in 1_u32..2_000, blocks in prop::collection::vec(any::<u64>(), 0..9), own in any::<u64>()) {
            let text = text(&recipe(tokens, &blocks, own));
            prop_assert_eq!(text.split(' ').count(), tokens as usize);
            prop_assert_eq!(text.len(), tokens as usize * STRIDE - 1);
        }
    }
}
