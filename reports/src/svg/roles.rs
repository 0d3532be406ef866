//! The colours of charts as roles. A role is an RGB value to plotters, a class to the style sheet
//! (which follows the reader's theme) and a plain colour where styles are blocked.
//!
//! Series colours are those of M. Okabe and K. Ito, "Color universal design" (2008), the light ones
//! darkened to a contrast of 3:1 on white. Series also differ by dash and marker.

use plotters::style::RGBColor;

/// A colour with its class and its look in both themes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    /// The name of its class and custom property.
    pub name: &'static str,
    /// In light surroundings; also what plotters is told, so it must be unique.
    pub light: u32,
    /// In dark surroundings.
    pub dark: u32,
}

const fn role(name: &'static str, light: u32, dark: u32) -> Role {
    Role { name, light, dark }
}

/// Text.
pub const INK: Role = role("ink", 0x1c_2128, 0xe8_eaed);
/// Text of lesser weight.
pub const MUTED: Role = role("muted", 0x57_606a, 0xa3_acb7);
/// Lines behind the data.
pub const GRID: Role = role("grid", 0xe3_e6ea, 0x32_3942);
/// Axes.
pub const AXIS: Role = role("axis", 0x8c_959f, 0x6b_7580);
/// The background, for gaps between marks.
pub const SURFACE: Role = role("surface", 0xff_ffff, 0x16_1a20);
/// Behind oversubscribed cells.
pub const SHADE: Role = role("shade", 0xf3_efe6, 0x26_241d);
/// What chance would give.
pub const BAND: Role = role("band", 0xdd_e7f0, 0x24_3342);
/// Text on a strong colour.
pub const ON_FILL: Role = role("on-fill", 0xff_fffe, 0xff_ffff);

/// Series, by style index.
pub const SERIES: [Role; 12] = [
    role("s0", 0x50_5860, 0xc4_cad1),
    role("s1", 0xb8_5c8f, 0xe3_9bc4),
    role("s2", 0x00_8f68, 0x2f_c79b),
    role("s3", 0x00_72b2, 0x4a_a8e8),
    role("s4", 0xd5_5e00, 0xff_8a3c),
    role("s5", 0xb0_7800, 0xf0_b429),
    role("s6", 0x2f_8dc4, 0x86_cdf5),
    role("s7", 0x85_7a00, 0xe6_dc4a),
    role("s8", 0x00_5a8d, 0x2f_8fd0),
    role("s9", 0xa8_4a00, 0xe0_6a1a),
    role("s10", 0x00_6f51, 0x1f_a77f),
    role("s11", 0x93_4070, 0xc9_78a8),
];

/// Owners of CPU time: server user, server system, master, generator, others, hypervisor,
/// unexplained, idle.
pub const OWNERS: [Role; 8] = [
    role("o0", 0x00_5f96, 0x1a_78b5),
    role("o1", 0x3a_86b8, 0x4c_92bf),
    role("o2", 0xc2_5400, 0xcc_6416),
    role("o3", 0x00_7d5b, 0x10_8a68),
    role("o4", 0x9c_4f7c, 0xa8_5a88),
    role("o5", 0x3b_4048, 0x5c_636d),
    role("o6", 0x80_7440, 0x8a_7d44),
    role("o7", 0xea_edf0, 0x2a_3038),
];

/// Shares in a heat map, palest first: one hue, from the surface to the ink.
pub const HEAT: [Role; 5] = [
    role("h0", 0xd6_e6f2, 0x1f_3a52),
    role("h1", 0x9c_c4e0, 0x2b_5f8c),
    role("h2", 0x57_9bc9, 0x3f_8cc4),
    role("h3", 0x1f_6aa5, 0x7a_bbe6),
    role("h4", 0x0a_3660, 0xd2_ebfb),
];

/// Every role, for the style sheet and for the way back from RGB.
pub fn all() -> impl Iterator<Item = Role> {
    [INK, MUTED, GRID, AXIS, SURFACE, SHADE, BAND, ON_FILL]
        .into_iter()
        .chain(SERIES)
        .chain(OWNERS)
        .chain(HEAT)
}

impl Role {
    /// What plotters is told.
    pub const fn rgb(self) -> RGBColor {
        let [_, r, g, b] = self.light.to_be_bytes();
        RGBColor(r, g, b)
    }

    /// `#0072b2`: the colour where styles are blocked.
    pub fn fallback(self) -> String {
        format!("#{:06x}", self.light)
    }

    /// The role with this RGB value; text where there is none.
    pub fn of((r, g, b): (u8, u8, u8)) -> Self {
        let value = u32::from_be_bytes([0, r, g, b]);
        all().find(|role| role.light == value).unwrap_or(INK)
    }
}

/// The style sheet's part on colours: custom properties for both themes (the system's, or the one that
/// `data-theme` names; print is light), and for each role a class that fills and one that strokes.
/// Text of charts needs no class where it has the colour of text, or that of its axes.
pub fn style_sheet() -> String {
    let properties = |pick: fn(Role) -> u32| {
        all()
            .map(|role| format!("--{}:#{:06x};", role.name, pick(role)))
            .collect::<Vec<_>>()
            .concat()
    };
    let classes = all()
        .map(|Role { name, .. }| {
            format!(".f-{name}{{fill:var(--{name})}}.k-{name}{{stroke:var(--{name})}}\n")
        })
        .collect::<Vec<_>>()
        .concat();
    let (light, dark) = (properties(|role| role.light), properties(|role| role.dark));
    format!(
        ":root{{color-scheme:light;{light}}}\n\
         @media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}\n\
         @media screen and (prefers-color-scheme:dark)\
         {{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n\
         svg text{{fill:var(--{})}}svg .axes text{{fill:inherit}}\n{classes}",
        INK.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_found_again_by_its_colour() {
        for role in all() {
            let RGBColor(r, g, b) = role.rgb();
            assert_eq!(Role::of((r, g, b)), role);
        }
    }

    #[test]
    fn series_stand_out_from_the_surface_in_both_themes() {
        for series in SERIES {
            assert!(contrast(series.light, SURFACE.light) >= 3.0, "{} light", series.name);
            assert!(contrast(series.dark, SURFACE.dark) >= 3.0, "{} dark", series.name);
        }
        for text in [INK, MUTED] {
            assert!(contrast(text.light, SURFACE.light) >= 4.5);
            assert!(contrast(text.dark, SURFACE.dark) >= 4.5);
        }
    }

    /// Contrast ratio: WCAG 2.2, "relative luminance" and "contrast ratio".
    fn contrast(one: u32, other: u32) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = |colour: u32| {
            let [_, red, green, blue] = colour.to_be_bytes().map(linear);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }
}
