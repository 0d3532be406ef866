//! Which bytes may stand where, as tables: RFC 9110, section 5.6.2, and RFC 3986, appendix A.

pub(super) type Class = [bool; 256];

const fn class(letters_and_digits: bool, others: &[u8]) -> Class {
    let mut class = [false; 256];
    let mut byte = 0_usize;
    while byte < 256 {
        class[byte] = letters_and_digits && (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut index = 0;
    while index < others.len() {
        class[others[index] as usize] = true;
        index += 1;
    }
    class
}

/// What a token is made of: methods and names of fields.
pub(super) static TOKEN: Class = class(true, b"!#$%&'*+-.^_`|~");

/// What a path and a query are made of, but for what only some software accepts.
pub(super) static PATH: Class = class(true, b"-._~!$&'()*+,;=:@%/?");

/// What a host's name is made of.
pub(super) static HOST_NAME: Class = class(true, b"-._~!$&'()*+,;=%");

pub(super) fn all(bytes: &[u8], class: &Class) -> bool {
    bytes.iter().all(|&byte| class[byte as usize])
}

/// Whether a field's value may have this byte: visible ones, space, tab, and what is not ASCII (RFC
/// 9110, section 5.5).
fn is_in_value(byte: u8) -> bool {
    (byte >= b' ' && byte != 0x7f) || byte == b'\t'
}

/// Whether all bytes may be in a field's value: eight at a time, because every byte of every head is
/// looked at.
pub(super) fn is_value(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks();
    words.iter().all(|word| has_no_control(u64::from_le_bytes(*word)) || all_in_value(word))
        && all_in_value(rest)
}

fn all_in_value(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| is_in_value(byte))
}

/// Whether none of eight bytes is a control character. May say no where there is none: a borrow
/// reaches the next byte (Bit Twiddling Hacks, "Determine if a word has a byte less than n").
fn has_no_control(word: u64) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const HIGHS: u64 = ONES << 7;
    let below_space = word.wrapping_sub(ONES * 0x20) & !word;
    let unlike_delete = word ^ (ONES * 0x7f);
    let is_delete = unlike_delete.wrapping_sub(ONES) & !unlike_delete;
    (below_space | is_delete) & HIGHS == 0
}

pub(super) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_no_delimiters() {
        assert!(all(b"x-Worker_id.~!", &TOKEN));
        for delimiter in b"\"(),/:;<=>?@[\\]{} \t\0\x7f\xff" {
            assert!(!TOKEN[*delimiter as usize], "{delimiter}");
        }
    }

    #[test]
    fn values_have_no_control_characters_but_the_tab() {
        for byte in (b' '..0x7f).chain(0x80..=0xff).chain([b'\t']) {
            assert!(is_value(&[byte; 20]), "{byte}");
            assert!(is_value(&[&[b'a'; 9][..], &[byte], &[b'~'; 9]].concat()), "{byte}");
        }
        for control in (0..b' ').chain([0x7f]).filter(|&byte| byte != b'\t') {
            for place in 0..20 {
                let mut bytes = [b'a'; 20];
                bytes[place] = control;
                assert!(!is_value(&bytes), "{control} at {place}");
            }
        }
    }

    #[test]
    fn white_space_is_trimmed_at_both_ends_only() {
        assert_eq!(trim(b" \t a b \t"), b"a b");
        assert_eq!(trim(b" \t"), b"");
    }
}
