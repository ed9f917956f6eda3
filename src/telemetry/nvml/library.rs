//! Whether a library's file is whole. The system's loader believes what the file says of itself: where it ends too early, as after
//! a copy that broke off, loading it kills the process with SIGBUS, which nobody can name. So that much is looked at first.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of an ELF64 header.
const HEAD: usize = 64;
/// Bytes of one of its program headers, and how many there are at the most in a library that is believed.
const SEGMENT: usize = 56;
const MOST_SEGMENTS: u16 = 64;
/// The type of a segment that is mapped.
const LOAD: u64 = 1;

/// Whether a part of the file that is to be mapped lies beyond its end. Whatever is no 64-bit ELF file, or can't be read, is left
/// to the loader, which says so itself.
pub(super) fn cut_off(path: &Path) -> bool {
    ends(path).is_some_and(|(needed, there)| needed > there)
}

/// How long the file has to be, and how long it is.
fn ends(path: &Path) -> Option<(u64, u64)> {
    let mut file = File::open(path).ok()?;
    let there = file.metadata().ok().filter(std::fs::Metadata::is_file)?.len();
    let mut head = [0; HEAD];
    file.read_exact(&mut head).ok()?;
    // ELF, 64 bits, least byte first: what every library of this driver is.
    if !head.starts_with(b"\x7fELF\x02\x01") {
        return None;
    }
    let (at, count) = (number(&head, 32, 8)?, u16::try_from(number(&head, 56, 2)?).ok()?.min(MOST_SEGMENTS));
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut segments = vec![0; SEGMENT * usize::from(count)];
    if file.read_exact(&mut segments).is_err() {
        // Not even the list of segments is there.
        return Some((there.saturating_add(1), there));
    }
    let needed = segments
        .chunks_exact(SEGMENT)
        .filter(|segment| number(segment, 0, 4) == Some(LOAD))
        .filter_map(|segment| number(segment, 8, 8)?.checked_add(number(segment, 32, 8)?))
        .max();
    Some((needed.unwrap_or(0), there))
}

/// A number of so many bytes, least first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a file of these bytes is cut off.
    fn is_cut_off(bytes: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lib.so");
        std::fs::write(&path, bytes).unwrap();
        cut_off(&path)
    }

    #[test]
    fn a_whole_file_is_whole_and_half_of_it_is_not() {
        // This test's own program is as good an ELF file as any.
        let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let loaded = program.get(..4096.min(program.len())).unwrap();
        assert!(!cut_off(&std::env::current_exe().unwrap()));
        assert!(is_cut_off(loaded));
        assert!(is_cut_off(program.get(..70).unwrap()));
    }

    #[test]
    fn what_is_no_library_is_left_to_the_loader() {
        assert!(!is_cut_off(b""));
        assert!(!is_cut_off(&b"this is no library".repeat(100)));
        assert!(!cut_off(Path::new("/nowhere/at/all")));
        assert!(!cut_off(&std::env::temp_dir()));
    }
}
