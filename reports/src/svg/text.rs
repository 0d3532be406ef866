//! Text in SVG: escaping, and its width as far as it can be told without a font.

use super::SCALE;

/// The size of ordinary text, in plotters' units.
pub const TEXT_SIZE: i32 = 13 * SCALE;

/// Text with the five characters replaced that mean something in XML.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            control if control.is_control() => safe.push(' '),
            plain => safe.push(plain),
        }
    }
    safe
}

/// The width of a text in em, by classes of letters in common sans-serif fonts, rather too wide
/// than too narrow. Letters count, not bytes: `µ` is as wide as `u`.
pub fn width_em(text: &str) -> f64 {
    text.chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.34,
            ' ' | 'f' | 't' | 'r' | '(' | ')' | '-' | '/' | '*' => 0.38,
            'm' | 'w' | 'M' | 'W' | '%' | '—' => 0.92,
            letter if letter.is_uppercase() => 0.70,
            letter if letter as u32 >= 0x2E80 => 1.05,
            _ => 0.64,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_micro_sign_is_as_wide_as_a_letter() {
        assert!((width_em("µs") - width_em("us")).abs() < 1e-9);
    }

    #[test]
    fn markup_in_a_name_stays_text() {
        assert_eq!(escaped("<b>&\"'\u{1}"), "&lt;b&gt;&amp;&quot;&#39; ");
    }
}
