use super::*;
#[test]
fn smoke() {
    for w in [
        "kündigungsfristen",
        "kündigung",
        "kuendigung",
        "mietvertragskündigung",
        "Betriebskostenabrechnung",
        "häuser",
        "haus",
        "straße",
        "strasse",
    ] {
        let mut t = Vec::new();
        Tongue::German.terms(w, &mut t);
        println!("{w} {t:?} idx {}", indexed(w));
    }
    println!("{:?}", asked("Frist zur Kündigung", &[Tongue::German]));
    println!("{:?}", asked("deposit 2024", &[Tongue::German]));
    println!(
        "{:?}",
        asked("Wat is de opzegtermijn?", &[Tongue::German, Tongue::Dutch])
    );
    println!(
        "{:?}",
        asked(
            "Quelle est la durée du préavis de résiliation ?",
            &[Tongue::German, Tongue::French]
        )
    );
}
