//! The units that are known, with their names in English and German.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Reading;

/// Bases that are money.
pub(super) const MONEY: &[&str] = &[
    "USD", "EUR", "GBP", "CHF", "JPY", "CNY", "SEK", "NOK", "DKK", "CZK", "PLN", "INR", "RUB", "FRF", "DEM",
];

/// One unit: symbols (case counts), words (case does not; `_` is a blank), the prefixes that its symbols take (`!` before
/// them: only with one), its factor, and the product of bases that it is a multiple of. A row with the same names again
/// gives another meaning.
type Row = (&'static str, &'static str, &'static str, f64, &'static str);

const ROWS: &[Row] = &[
    // Lengths, areas, volumes, speeds.
    ("m", "metre meter metern", "nµmcdk", 1.0, "m"),
    ("ft", "foot feet fuß", "", 0.3048, "m"),
    ("yd", "yard", "", 0.9144, "m"),
    ("", "inch inches zoll", "", 0.0254, "m"),
    ("mi", "mile meile", "", 1609.344, "m"),
    ("", "nautical_mile nautical_miles seemeile", "", 1852.0, "m"),
    (
        "",
        "light-year light_year light_years lichtjahr lichtjahre",
        "",
        9.460_730_472_580_8e15,
        "m",
    ),
    ("ha", "hectare hektar", "", 1e4, "m2"),
    ("qm sqm", "", "", 1.0, "m2"),
    ("qkm", "", "", 1e6, "m2"),
    ("sqft", "", "", 0.092_903_04, "m2"),
    ("", "acre", "", 4_046.856_422_4, "m2"),
    ("l L", "litre liter litern", "nµmcdh", 1e-3, "m3"),
    ("cc ccm", "", "", 1e-6, "m3"),
    ("cbm", "", "", 1.0, "m3"),
    ("gal", "gallon gallone", "", 3.785_411_784e-3, "m3"),
    ("gal", "gallon gallone", "", 4.546_09e-3, "m3"),
    ("", "pint", "", 473.176_473e-6, "m3"),
    ("", "pint", "", 568.261_25e-6, "m3"),
    ("bbl", "barrel", "", 0.158_987_294_928, "m3"),
    ("", "cup tasse", "", 1.0, "cup"),
    ("tsp TL", "teaspoon teelöffel", "", 1.0, "teaspoon"),
    ("tbsp EL", "tablespoon esslöffel", "", 1.0, "tablespoon"),
    ("mph", "", "", 0.447_04, "m s-1"),
    ("kph kmh", "", "", 1.0 / 3.6, "m s-1"),
    ("kn", "knot knoten", "", 1852.0 / 3600.0, "m s-1"),
    // Masses.
    ("g", "gram gramme gramm", "pnµmcdk", 1.0, "g"),
    ("mcg", "", "", 1e-6, "g"),
    ("t", "tonne tonnen metric_ton metric_tons", "kM", 1e6, "g"),
    ("", "ton", "", 1e6, "g"),
    ("", "ton", "", 907_184.74, "g"),
    ("", "ton", "", 1_016_046.908_8, "g"),
    ("lb lbs", "pound", "", 453.592_37, "g"),
    ("", "pfund", "", 500.0, "g"),
    ("oz", "ounce unze", "", 28.349_523_125, "g"),
    ("", "zentner", "", 50_000.0, "g"),
    ("Da", "dalton", "kM", 1.0, "Da"),
    // Times.
    ("s sec secs Sek", "second sekunde", "pnµm", 1.0, "s"),
    ("min mins Min", "minute", "", 60.0, "s"),
    ("h hr hrs Std", "hour stunde", "", 3600.0, "s"),
    ("d", "day tag tage tagen", "", 86_400.0, "s"),
    ("wk wks", "week woche", "", 604_800.0, "s"),
    ("", "fortnight", "", 1_209_600.0, "s"),
    ("mo mos", "month monat monate monaten", "", 1.0, "mo"),
    ("yr yrs", "year jahr jahre jahren", "", 12.0, "mo"),
    ("", "decade jahrzehnt jahrzehnte jahrzehnten", "", 120.0, "mo"),
    (
        "",
        "century centuries jahrhundert jahrhunderte jahrhunderten",
        "",
        1200.0,
        "mo",
    ),
    // Temperatures and angles. "65 degrees" may be any of them.
    ("K", "kelvin", "m", 1.0, "K"),
    (
        "°C ℃",
        "celsius degree_celsius degrees_celsius degrees_c grad_celsius",
        "",
        1.0,
        "K",
    ),
    (
        "°F ℉",
        "fahrenheit degree_fahrenheit degrees_fahrenheit degrees_f grad_fahrenheit",
        "",
        5.0 / 9.0,
        "K",
    ),
    ("°", "degree grad", "", 1.0 / 360.0, "turn"),
    ("rad", "", "", 1.0 / std::f64::consts::TAU, "turn"),
    ("rpm", "", "", 1.0 / 60.0, "turn s-1"),
    ("U/min", "", "", 1.0 / 60.0, "turn s-1"),
    // Amounts of substance, and what clinics measure in.
    ("mol", "mole mol", "pnµmk", 1.0, "mol"),
    ("M", "", "!pnµm", 1e3, "mol m-3"),
    ("Eq eq val", "", "!µm", 1.0, "eq"),
    ("osmol Osm osm", "", "m", 1.0, "osm"),
    ("IU IE UI U E", "unit einheit einheiten", "", 1.0, "IU"),
    ("IU U", "", "!µmk", 1.0, "IU"),
    ("U/min", "", "", 1.0 / 60.0, "IU s-1"),
    ("gtt", "drop tropfen", "", 1.0, "drop"),
    ("Tbl tbl Tabl tab tabs", "tablet tablette", "", 1.0, "tablet"),
    ("", "capsule kapsel", "", 1.0, "capsule"),
    ("", "pill pille", "", 1.0, "pill"),
    ("", "puff hub hübe sprühstoß sprühstöße", "", 1.0, "puff"),
    ("", "ampoule ampule ampulle", "", 1.0, "ampoule"),
    ("", "vial", "", 1.0, "vial"),
    ("", "suppository suppositories zäpfchen", "", 1.0, "suppository"),
    ("", "times mal", "", 1.0, "times"),
    ("bpm", "", "", 1.0 / 60.0, "beat s-1"),
    ("", "beat schläge", "", 1.0, "beat"),
    // Pressures, forces, energies, powers.
    ("Pa", "pascal", "mhkMG", 1e3, "g m-1 s-2"),
    ("bar", "bar", "mk", 1e8, "g m-1 s-2"),
    ("atm", "", "", 101_325e3, "g m-1 s-2"),
    ("Torr", "torr", "", 133_322.368, "g m-1 s-2"),
    ("mmHg", "", "", 133_322.0, "g m-1 s-2"),
    ("cmH2O cmH₂O", "", "", 98_066.5, "g m-1 s-2"),
    ("psi", "", "", 6_894_757.293_168, "g m-1 s-2"),
    ("N", "newton", "mkM", 1e3, "g m s-2"),
    (
        "Nm",
        "newtonmeter newton-metre newton_metres newton_meters",
        "k",
        1e3,
        "g m2 s-2 turn-1",
    ),
    ("J", "joule", "mkMG", 1e3, "g m2 s-2"),
    ("cal", "calorie kalorie", "k", 4184.0, "g m2 s-2"),
    ("", "calorie kalorie", "", 4_184_000.0, "g m2 s-2"),
    (
        "Wh",
        "wattstunde watt-hour watt_hour watt_hours",
        "kMGT",
        3.6e6,
        "g m2 s-2",
    ),
    (
        "",
        "kilowatt_hour kilowatt_hours kilowatt-hour",
        "",
        3.6e9,
        "g m2 s-2",
    ),
    ("eV", "", "kMGT", 1.602_176_634e-16, "g m2 s-2"),
    ("BTU Btu", "", "", 1_055_055.852_62, "g m2 s-2"),
    ("W", "watt", "nµmkMGT", 1e3, "g m2 s-3"),
    ("hp", "horsepower", "", 745_699.871_582, "g m2 s-3"),
    ("PS", "pferdestärke", "", 735_498.75, "g m2 s-3"),
    ("VA", "", "kM", 1.0, "VA"),
    // Electricity, light, sound, radiation.
    ("V", "volt", "µmkM", 1.0, "V"),
    ("A", "ampere amp", "pnµmk", 1.0, "A"),
    ("Ah", "amperestunde", "mk", 3600.0, "A s"),
    ("Ω", "ohm", "mkM", 1.0, "ohm"),
    ("F", "farad", "!pnµm", 1.0, "F"),
    ("H", "henry", "!nµm", 1.0, "H"),
    ("S", "siemens", "!nµm", 1.0, "S"),
    ("T", "tesla", "!nµm", 1.0, "T"),
    ("Hz", "hertz", "mkMGT", 1.0, "s-1"),
    ("cd", "candela", "", 1.0, "cd"),
    ("lm", "lumen", "", 1.0, "lm"),
    ("lx", "lux", "", 1.0, "lm m-2"),
    ("dB", "decibel dezibel", "", 1.0, "dB"),
    ("Gy", "gray", "µmc", 1.0, "Gy"),
    ("Sv", "sievert", "nµm", 1.0, "Sv"),
    ("Bq", "becquerel", "kMGT", 1.0, "Bq"),
    ("Ci", "curie", "nµm", 3.7e10, "Bq"),
    // Data.
    ("bit", "bit", "kMGT", 1.0, "bit"),
    ("B", "byte", "!kKMGTP", 8.0, "bit"),
    ("KiB", "kibibyte", "", 8192.0, "bit"),
    ("MiB", "mebibyte", "", 8_388_608.0, "bit"),
    ("GiB", "gibibyte", "", 8_589_934_592.0, "bit"),
    ("bps", "", "kMGT", 1.0, "bit s-1"),
    ("px", "pixel", "", 1.0, "px"),
    ("dpi", "", "", 1.0, "dpi"),
    // Shares.
    ("%", "percent per_cent prozent pct", "", 1.0, "%"),
    ("‰", "promille", "", 0.1, "%"),
    ("ppm", "", "", 1e-4, "%"),
    ("ppb", "", "", 1e-7, "%"),
    (
        "",
        "percentage_point percentage_points prozentpunkt prozentpunkte prozentpunkten",
        "",
        1.0,
        "point",
    ),
    (
        "",
        "basis_point basis_points basispunkt basispunkte basispunkten",
        "",
        0.01,
        "point",
    ),
    // Money.
    ("$ USD", "dollar", "", 1.0, "USD"),
    ("€ EUR", "euro", "", 1.0, "EUR"),
    ("£ GBP", "pound pfund", "", 1.0, "GBP"),
    ("ct", "cent", "", 0.01, "USD"),
    ("ct", "cent", "", 0.01, "EUR"),
    ("", "pence", "", 0.01, "GBP"),
    ("CHF", "franc franken", "", 1.0, "CHF"),
    ("", "franc", "", 1.0, "FRF"),
    ("¥ JPY", "yen", "", 1.0, "JPY"),
    ("¥ CNY RMB", "yuan renminbi", "", 1.0, "CNY"),
    ("kr SEK", "crown krone kronen kronor", "", 1.0, "SEK"),
    ("kr NOK", "crown krone kronen kroner", "", 1.0, "NOK"),
    ("kr DKK", "crown krone kronen kroner", "", 1.0, "DKK"),
    ("Kč CZK", "crown krone kronen", "", 1.0, "CZK"),
    ("zł PLN", "zloty złoty", "", 1.0, "PLN"),
    ("₹ INR", "rupee rupie", "", 1.0, "INR"),
    ("₽ RUB", "ruble rouble rubel", "", 1.0, "RUB"),
    ("DM DEM", "d-mark", "", 1.0, "DEM"),
];

/// Prefixes of symbols and of words, with their factors (SI brochure, table 7).
const PREFIXES: &[(char, &[&str], f64)] = &[
    ('p', &["pico", "piko"], 1e-12),
    ('n', &["nano"], 1e-9),
    ('µ', &["micro", "mikro"], 1e-6),
    ('m', &["milli"], 1e-3),
    ('c', &["centi", "zenti"], 1e-2),
    ('d', &["deci", "dezi"], 1e-1),
    ('h', &["hecto", "hekto"], 1e2),
    ('k', &["kilo"], 1e3),
    ('K', &[], 1e3),
    ('M', &["mega"], 1e6),
    ('G', &["giga"], 1e9),
    ('T', &["tera"], 1e12),
    ('P', &["peta"], 1e15),
];

type Names = HashMap<String, Vec<Reading>>;

pub(super) static SYMBOLS: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::new();
    for (symbols, _, prefixes, factor, base) in ROWS {
        let only = prefixes.starts_with('!');
        for symbol in symbols.split(' ').filter(|symbol| !symbol.is_empty()) {
            if !only {
                add(&mut names, symbol, reading(base, *factor, symbol));
            }
            for (sign, _, by) in PREFIXES.iter().filter(|(sign, ..)| prefixes.contains(*sign)) {
                add(
                    &mut names,
                    &format!("{sign}{symbol}"),
                    reading(base, factor * by, symbol),
                );
                // "ug" is how µg is typed; "um" and "us" are words.
                if *sign == 'µ' && !matches!(symbol, "m" | "s") {
                    add(
                        &mut names,
                        &format!("u{symbol}"),
                        reading(base, factor * by, symbol),
                    );
                }
            }
        }
    }
    // "65°" may be any of these.
    for scale in ["°C", "°F"] {
        let readings = names.get(scale).cloned().unwrap_or_default();
        names.entry("°".to_owned()).or_default().extend(readings);
    }
    names
});

pub(super) static WORDS: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::new();
    for (symbols, words, prefixes, factor, base) in ROWS {
        let symbol = symbols.split(' ').next().unwrap_or_default();
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            let word = word.replace('_', " ");
            add(&mut names, &word, reading(base, *factor, symbol));
            if prefixes.is_empty() {
                continue;
            }
            for (prefix, by) in PREFIXES
                .iter()
                .flat_map(|(_, prefixes, by)| prefixes.iter().map(move |prefix| (prefix, by)))
            {
                add(
                    &mut names,
                    &format!("{prefix}{word}"),
                    reading(base, factor * by, symbol),
                );
            }
        }
    }
    for word in ["degree", "degrees", "grad"] {
        names.insert(word.to_owned(), SYMBOLS.get("°").cloned().unwrap_or_default());
    }
    names
});

fn add(names: &mut Names, name: &str, reading: Reading) {
    let readings = names.entry(name.to_owned()).or_default();
    if !readings.contains(&reading) {
        readings.push(reading);
    }
}

/// "g m-1 s-2" times a factor.
fn reading(base: &'static str, factor: f64, symbol: &str) -> Reading {
    let mut powers: Vec<(&'static str, i8)> = base
        .split(' ')
        .map(|part| {
            let end = part
                .find(|c: char| c == '-' || c.is_ascii_digit())
                .unwrap_or(part.len());
            (&part[..end], part[end..].parse().unwrap_or(1))
        })
        .collect();
    powers.sort_unstable();
    let offset = match symbol {
        "°C" | "℃" => 273.15,
        "°F" | "℉" => 459.67 * 5.0 / 9.0,
        _ => 0.0,
    };
    Reading {
        base: powers,
        factor,
        offset,
    }
}
