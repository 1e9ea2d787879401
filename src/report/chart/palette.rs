//! Colours by what they are for, in light and in dark.
//!
//! Charts are drawn in the light ones; a page turns each into its dark twin by rules on the very colour. The colours of
//! things told apart follow M. Okabe and K. Ito's set, which people of any colour vision can tell apart, darkened or
//! lightened until each stands out from its ground (WCAG 2.2: 3 to 1 for lines and areas, 4.5 to 1 for words). Nothing is
//! said by colour alone.

use std::fmt::Write;

/// A colour by its purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ink {
    /// What style sheets call it.
    pub(crate) name: &'static str,
    /// On a light ground.
    pub(crate) light: [u8; 3],
    /// On a dark one.
    pub(crate) dark: [u8; 3],
}

macro_rules! inks {
    ($($(#[$doc:meta])* $name:ident = $css:literal, $light:literal, $dark:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: Ink = Ink { name: $css, light: rgb($light), dark: rgb($dark) };)*
        /// All of them.
        pub(crate) const ALL: &[Ink] = &[$($name),*];
    };
}

const fn rgb(hex: u32) -> [u8; 3] {
    [(hex >> 16) as u8, (hex >> 8) as u8, hex as u8]
}

inks! {
    /// What charts stand on.
    GROUND = "ground", 0xFFFFFF, 0x181B20;
    /// Words.
    WORDS = "words", 0x1C2026, 0xE8EAED;
    /// Words of less weight.
    FAINT = "faint", 0x5A626D, 0xA3ABB6;
    /// Lines behind the data.
    RULE = "rule", 0xE1E4E8, 0x31363E;
    /// Axes, and lines for comparison.
    AXIS = "axis", 0x868E99, 0x7C8591;
    /// First of the things told apart; the main one.
    BLUE = "blue", 0x0072B2, 0x5BB4E8;
    /// What went wrong.
    VERMILION = "vermilion", 0xC95A00, 0xFF9350;
    /// What is there and ready.
    GREEN = "green", 0x00835F, 0x34C498;
    PURPLE = "purple", 0xA9538A, 0xE59DCB;
    ORANGE = "orange", 0xA67400, 0xEBB33D;
    SKY = "sky", 0x2A86BD, 0x8FD0F5;
    GREY = "grey", 0x6B727C, 0xA0A8B3;
    YELLOW = "yellow", 0x7D7A00, 0xE6DC5A;
    /// Steps of a scale, from little to much.
    HEAT0 = "heat0", 0xF2F4F7, 0x22262D;
    HEAT1 = "heat1", 0xFDE9DB, 0x40291A;
    HEAT2 = "heat2", 0xFBCDAD, 0x633817;
    HEAT3 = "heat3", 0xF4A36F, 0x8A4A14;
    HEAT4 = "heat4", 0xB54F00, 0xF28A45;
    HEAT5 = "heat5", 0x7E3600, 0xFFBE8F;
    /// Words on the scale's lower steps and on its upper ones.
    ON_LOW = "on-low", 0x1C2027, 0xF1F2F4;
    ON_HIGH = "on-high", 0xFFFFFE, 0x14161A;
}

/// Things told apart, in this order.
pub(crate) const SERIES: [Ink; 8] = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY, GREY, YELLOW];

/// Steps of a scale.
pub(crate) const HEAT: [Ink; 6] = [HEAT0, HEAT1, HEAT2, HEAT3, HEAT4, HEAT5];

/// The colour of words on a step of the scale.
pub(crate) fn on_heat(step: usize) -> Ink {
    if step < 4 { ON_LOW } else { ON_HIGH }
}

pub(crate) fn hex([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// Rules of a style sheet: the colours as variables for both grounds, and charts' colours bound to them.
pub(crate) fn css() -> String {
    let mut css = String::new();
    let variables = |css: &mut String, of: fn(&Ink) -> [u8; 3]| {
        for ink in ALL {
            write!(css, "--{}:{};", ink.name, hex(of(ink))).expect("text grows");
        }
    };
    css.push_str(":root{color-scheme:light dark;");
    variables(&mut css, |ink| ink.light);
    css.push_str("}\n@media (prefers-color-scheme:dark){:root{");
    variables(&mut css, |ink| ink.dark);
    css.push_str("}}\n@media print{:root{color-scheme:light;");
    variables(&mut css, |ink| ink.light);
    css.push_str("}}\n");
    for ink in ALL {
        let (name, colour) = (ink.name, hex(ink.light));
        writeln!(
            css,
            ".chart [fill=\"{colour}\"]{{fill:var(--{name})}}.chart [stroke=\"{colour}\"]{{stroke:var(--{name})}}"
        )
        .expect("text grows");
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, relative luminance.
    fn luminance(colour: [u8; 3]) -> f64 {
        let [red, green, blue] = colour.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { libm::pow((part + 0.055) / 1.055, 2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[track_caller]
    fn check(ink: Ink, on: Ink, least: f64) {
        for (theme, of) in [("light", (|ink| ink.light) as fn(Ink) -> [u8; 3]), ("dark", |ink| ink.dark)] {
            let contrast = contrast(of(ink), of(on));
            assert!(contrast >= least, "{} on {} in {theme}: {contrast:.2}", ink.name, on.name);
        }
    }

    #[test]
    fn contrast_is_wcags() {
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
        assert!((contrast([119; 3], [255; 3]) - 4.478).abs() < 1e-3);
    }

    #[test]
    fn words_and_lines_stand_out_from_their_grounds() {
        for ground in [GROUND, HEAT0] {
            for words in [WORDS, FAINT] {
                check(words, ground, 4.5);
            }
        }
        for ink in SERIES.into_iter().chain([AXIS]) {
            check(ink, GROUND, 3.0);
        }
        for (step, ink) in HEAT.into_iter().enumerate() {
            check(on_heat(step), ink, 4.5);
        }
        // Words and links are written in these, too.
        for words in [BLUE, VERMILION, GREEN] {
            check(words, GROUND, 4.2);
        }
    }

    #[test]
    fn no_two_inks_share_a_light_colour() {
        // The dark twin is found by the light colour.
        for (n, ink) in ALL.iter().enumerate() {
            let twin = ALL[..n].iter().find(|other| other.light == ink.light && other.dark != ink.dark);
            assert_eq!(twin, None, "{}", ink.name);
        }
    }
}
