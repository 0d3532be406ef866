//! Enums whose variants have a fixed text each.

/// Defines an enum with `ALL`, its variants in order, and a method that returns a variant's text.
macro_rules! text_enum {
    (
        $(#[$attribute:meta])*
        $visibility:vis enum $Enum:ident, fn $method:ident {
            $($(#[$note:meta])* $Variant:ident = $text:literal,)+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility enum $Enum {
            $($(#[$note])* $Variant,)+
        }

        impl $Enum {
            /// All variants, in the order of their declaration.
            pub const ALL: [Self; [$($text),+].len()] = [$(Self::$Variant),+];

            /// Returns the variant's text, as people and programs read it.
            #[must_use]
            pub fn $method(self) -> &'static str {
                match self {
                    $(Self::$Variant => $text,)+
                }
            }
        }
    };
}
