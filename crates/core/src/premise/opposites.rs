//! Words that exclude each other, in English and German, as they are written.

/// Pairs: any word of the one side against any of the other.
pub(super) const OPPOSITES: &[(&[&str], &[&str])] = &[
    (
        &["first", "earliest", "oldest"],
        &["last", "latest", "newest", "final"],
    ),
    (
        &[
            "largest", "biggest", "greatest", "highest", "tallest", "longest", "maximum", "most",
        ],
        &["smallest", "least", "lowest", "shortest", "minimum", "fewest"],
    ),
    (
        &["increase", "rise", "rose", "grow", "grew"],
        &["decrease", "decline", "fall", "fell", "shrink", "reduce"],
    ),
    (
        &["more", "greater", "larger", "higher"],
        &["less", "fewer", "smaller", "lower"],
    ),
    (&["north", "northern"], &["south", "southern"]),
    (&["east", "eastern"], &["west", "western"]),
    (&["win", "won", "victory"], &["lose", "lost", "defeat"]),
    (
        &["begin", "began", "begun", "start", "open"],
        &["end", "finish", "close", "stop"],
    ),
    (&["buy", "bought", "purchase"], &["sell", "sold"]),
    (&["import"], &["export"]),
    (
        &["accept", "allow", "permit", "legal"],
        &[
            "reject", "refuse", "forbid", "forbade", "prohibit", "ban", "illegal",
        ],
    ),
    (&["support"], &["oppose"]),
    (&["agree"], &["disagree"]),
    (&["include"], &["exclude"]),
    (&["arrive"], &["leave", "left", "depart"]),
    (&["born", "birth"], &["die", "died", "death"]),
    (&["public"], &["private"]),
    (&["upper"], &["lower"]),
    (&["internal", "inner"], &["external", "outer"]),
    (&["ancient", "old"], &["modern", "new"]),
    (&["male", "men"], &["female", "women"]),
    (&["rich", "wealthy"], &["poor"]),
    (&["natural"], &["artificial"]),
    (&["simple", "easy"], &["complex", "difficult", "hard"]),
    (
        &["success", "succeed", "successful"],
        &["failure", "fail", "unsuccessful"],
    ),
    (&["cause"], &["prevent"]),
    (
        &["create", "build", "built", "construct"],
        &["destroy", "demolish"],
    ),
    (&["add"], &["remove"]),
    (&["hot", "warm"], &["cold", "cool"]),
    (&["strong"], &["weak"]),
    (&["direct"], &["indirect"]),
    (&["active"], &["passive"]),
    (&["always"], &["never"]),
    (&["majority"], &["minority"]),
    (
        &["erste", "ersten", "erster", "älteste"],
        &["letzte", "letzten", "letzter", "jüngste"],
    ),
    (
        &["größte", "größten", "höchste", "höchsten", "meisten"],
        &["kleinste", "kleinsten", "niedrigste", "wenigsten"],
    ),
    (
        &["norden", "nördlich", "nördlichen"],
        &["süden", "südlich", "südlichen"],
    ),
    (
        &["osten", "östlich", "östlichen"],
        &["westen", "westlich", "westlichen"],
    ),
    (
        &["gewonnen", "gewann", "sieg"],
        &["verloren", "verlor", "niederlage"],
    ),
    (&["gekauft", "kaufte"], &["verkauft", "verkaufte"]),
    (&["erlaubt"], &["verboten"]),
    (&["geboren", "geburt"], &["gestorben", "starb", "tod"]),
];
