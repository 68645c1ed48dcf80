use super::*;
use proptest::prelude::*;

fn told(text: &str) -> Option<&'static str> {
    let mut told = Told::default();
    told.page(text);
    told.language()
}

/// A paragraph of each language that is told.
const WRITTEN: [(&str, &str); 16] = [
    (
        "en",
        "The tenant may end the tenancy by giving three months' written notice to the end of a calendar month. The deposit is returned.",
    ),
    (
        "de",
        "Der Mieter kann das Mietverhältnis mit einer Frist von drei Monaten zum Ende eines Kalendermonats kündigen. Die Kaution wird erstattet.",
    ),
    (
        "fr",
        "Le locataire peut mettre fin au bail en donnant un préavis écrit de trois mois avant la fin d'un mois civil. Le dépôt est rendu dans les six semaines.",
    ),
    (
        "it",
        "Il conduttore può recedere dal contratto con un preavviso scritto di tre mesi per la fine di un mese. La cauzione è restituita entro sei settimane dalla consegna delle chiavi.",
    ),
    (
        "es",
        "El arrendatario puede poner fin al contrato con un preaviso escrito de tres meses para el fin de un mes natural. La fianza se devuelve en las seis semanas siguientes.",
    ),
    (
        "pt",
        "O inquilino pode pôr termo ao contrato com um pré-aviso escrito de três meses para o fim de um mês. A caução é devolvida em seis semanas e não vence juros.",
    ),
    (
        "nl",
        "De huurder kan de huur met een schriftelijke opzegtermijn van drie maanden tegen het einde van een kalendermaand beëindigen. De waarborgsom wordt terugbetaald.",
    ),
    (
        "sv",
        "Hyresgästen kan säga upp avtalet med tre månaders skriftlig varsel till slutet av en månad. Depositionen återbetalas inom sex veckor från att nycklarna har lämnats och är inte räntebärande.",
    ),
    (
        "tr",
        "Kiracı, bir takvim ayının sonuna üç ay kala yazılı bildirimde bulunarak sözleşmeyi feshedebilir. Depozito, anahtarların teslim edilmesinden sonra altı hafta içinde ve faiz olarak bir bedel olmadan iade edilir.",
    ),
    (
        "vi",
        "Người thuê có thể chấm dứt hợp đồng bằng cách thông báo bằng văn bản trước ba tháng. Tiền đặt cọc được trả lại trong sáu tuần sau khi bàn giao chìa khóa và không có lãi.",
    ),
    (
        "zh",
        "租户可以提前三个月书面通知终止租约，押金将在交还钥匙后六周内退还给租户。",
    ),
    (
        "ja",
        "賃借人は三か月前までに書面で通知することにより契約を終了することができます。敷金は鍵の返却後六週間以内に返還されます。",
    ),
    (
        "ko",
        "임차인은 3개월 전에 서면으로 통지하여 계약을 종료할 수 있습니다. 보증금은 열쇠를 반환한 후 6주 이내에 반환됩니다.",
    ),
    (
        "ru",
        "Арендатор может расторгнуть договор, письменно уведомив об этом за три месяца до конца календарного месяца, и залог будет возвращён, если ключи были сданы.",
    ),
    (
        "ar",
        "يجوز للمستأجر إنهاء العقد بإشعار خطي مدته ثلاثة أشهر قبل نهاية الشهر، ويعاد مبلغ التأمين خلال ستة أسابيع من تسليم المفاتيح.",
    ),
    (
        "hi",
        "किरायेदार तीन महीने की लिखित सूचना देकर किरायेदारी को महीने के अंत में समाप्त कर सकता है और जमा राशि छह सप्ताह में वापस की जाती है।",
    ),
];

#[test]
fn sentences_tell_their_language() {
    for (language, text) in WRITTEN {
        assert_eq!(told(text), Some(language), "{text}");
    }
}

#[test]
fn languages_that_are_not_known_are_taken_for_no_other() {
    for text in [
        // Polish, Czech, Danish, Norwegian, Finnish, Romanian, Catalan, Hungarian, Latin, Ukrainian, Bulgarian, Persian, Greek, Hebrew, Thai
        "Najemca może rozwiązać umowę najmu z zachowaniem trzymiesięcznego okresu wypowiedzenia na koniec miesiąca. Kaucja jest zwracana w ciągu sześciu tygodni od zwrotu kluczy.",
        "Nájemce může nájem ukončit písemnou výpovědí s tříměsíční lhůtou ke konci kalendářního měsíce. Kauce se vrací do šesti týdnů od předání klíčů a neúročí se.",
        "Lejeren kan opsige lejemålet med tre måneders skriftligt varsel til udgangen af en måned. Depositummet tilbagebetales inden seks uger, efter at nøglerne er afleveret, og det forrentes ikke.",
        "Leietakeren kan si opp leieforholdet med tre måneders skriftlig varsel til slutten av en måned. Depositumet betales tilbake innen seks uker etter at nøklene er levert, og det gir ikke renter.",
        "Vuokralainen voi irtisanoa vuokrasopimuksen kirjallisesti kolmen kuukauden irtisanomisajalla kalenterikuukauden loppuun. Vakuus palautetaan kuuden viikon kuluessa avainten luovutuksesta.",
        "Chiriașul poate înceta contractul cu un preaviz scris de trei luni până la sfârșitul unei luni calendaristice. Garanția se restituie în șase săptămâni de la predarea cheilor.",
        "A bérlő a bérleti szerződést három hónapos írásbeli felmondási idővel, a naptári hónap végére mondhatja fel. A kauciót hat héten belül vissza kell fizetni.",
        "Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani, tertiam qui ipsorum lingua Celtae, nostra Galli appellantur.",
        "Орендар може розірвати договір, письмово повідомивши про це за три місяці до кінця календарного місяця, і заставу буде повернуто після здачі ключів.",
        "Наемателят може да прекрати договора с писмено предизвестие от три месеца до края на календарния месец, а депозитът се връща в срок от шест седмици.",
        "مستأجر می‌تواند با اعلام کتبی سه ماهه در پایان ماه قرارداد را فسخ کند و ودیعه ظرف شش هفته پس از تحویل کلیدها بازگردانده می‌شود.",
        "Ο μισθωτής μπορεί να καταγγείλει τη μίσθωση με γραπτή προειδοποίηση τριών μηνών στο τέλος ενός μήνα. Η εγγύηση επιστρέφεται εντός έξι εβδομάδων.",
        "השוכר רשאי לסיים את השכירות בהודעה בכתב של שלושה חודשים לסוף חודש קלנדרי. הפיקדון יוחזר בתוך שישה שבועות ממסירת המפתחות.",
        "ผู้เช่าอาจยกเลิกสัญญาเช่าโดยแจ้งเป็นลายลักษณ์อักษรล่วงหน้าสามเดือน และเงินมัดจำจะคืนภายในหกสัปดาห์หลังส่งมอบกุญแจ",
    ] {
        assert_eq!(told(text), None, "{text}");
    }
}

#[test]
fn what_is_too_little_mixed_or_no_prose_tells_none() {
    for text in [
        "",
        "Lamp 14",
        "1,204.50 88,000 2024-05-03",
        "ISO 9001 SLA GmbH & Co. KG, Hauptstraße 12, 10115 Berlin",
        "fn main() { let total = rows.iter().map(|row| row.amount).sum::<f64>(); println!(\"{total}\"); } struct Row { amount: f64, name: String }",
        "Invoice | Customer | Amount | Due\n1001 | Ada Lovelace | 12.50 | 2024-01-02\n1002 | Grace Hopper | 99.10 | 2024-02-03\n",
    ] {
        assert_eq!(told(text), None, "{text}");
    }
    let mut both = Told::default();
    both.page(WRITTEN[0].1);
    both.page(WRITTEN[1].1);
    assert_eq!(both.language(), None, "half English, half German");
    for _ in 0..9 {
        both.page(WRITTEN[1].1);
    }
    assert_eq!(
        both.language(),
        Some("de"),
        "a summary in English on the first page"
    );
}

#[test]
fn what_the_document_says_counts_unless_its_text_is_plainly_another_language() {
    let german = |pages: usize| {
        let mut told = Told::default();
        (0..pages).for_each(|_| told.page(WRITTEN[1].1));
        told
    };
    assert_eq!(german(9).settle(Some("de_ch")).as_deref(), Some("de-CH"));
    assert_eq!(german(9).settle(Some("ger")).as_deref(), Some("de"));
    assert_eq!(german(9).settle(Some("x-none")).as_deref(), Some("de"));
    assert_eq!(german(9).settle(None).as_deref(), Some("de"));
    assert_eq!(
        german(1).settle(Some("en-US")).as_deref(),
        Some("en-US"),
        "two sentences may be a quote"
    );
    assert_eq!(
        german(9).settle(Some("en-US")).as_deref(),
        Some("de"),
        "a template's default"
    );
    assert_eq!(
        german(9).settle(Some("lb")).as_deref(),
        Some("lb"),
        "one that text does not tell"
    );
    assert_eq!(german(0).settle(Some("EN")).as_deref(), Some("en"));
    assert_eq!(german(0).settle(None), None);
}

#[test]
fn tags_are_of_language_and_region() {
    for (declared, expected) in [
        ("en", Some("en")),
        (" EN_us ", Some("en-US")),
        ("zh-Hans-cn", Some("zh-CN")),
        ("es-419", Some("es-419")),
        ("fre", Some("fr")),
        ("de-DE, en", Some("de-DE")),
        ("de-x-private", Some("de")),
        ("fil", Some("fil")),
        ("English", None),
        ("und", None),
        ("x-default", None),
        ("", None),
        ("ä", None),
    ] {
        assert_eq!(tag(declared).as_deref(), expected, "{declared}");
    }
    assert!(within("de-CH", "de") && within("de-CH", "de-CH") && within("de", "de"));
    assert!(!within("de", "de-CH") && !within("den", "de"));
}

proptest! {
    #[test]
    fn any_page_is_looked_at_in_a_few_stretches_of_it(text in "\\PC{0,2000}") {
        let found: Vec<&str> = stretches(&text).collect();
        prop_assert!(!found.is_empty() && found.len() <= STRETCHES);
        let mut at = 0;
        for stretch in &found {
            let from = stretch.as_ptr() as usize - text.as_ptr() as usize;
            prop_assert!(from >= at && stretch.chars().count() <= STRETCH);
            at = from + stretch.len();
        }
        prop_assert!(at <= text.len());
        let _ = told(&text);
    }

    #[test]
    fn tags_are_stable(declared in "[A-Za-z0-9_-]{0,12}") {
        if let Some(once) = tag(&declared) {
            prop_assert_eq!(tag(&once), Some(once.clone()));
            prop_assert!(within(&once, primary(&once)));
        }
    }

    #[test]
    fn prose_is_told_whatever_stands_around_it(which in 0..WRITTEN.len(), numbers in "[0-9 .,\n]{0,200}") {
        let (language, text) = WRITTEN[which];
        let mut told = Told::default();
        told.page(&format!("{text}\n{numbers}"));
        told.page(&numbers);
        prop_assert_eq!(told.language(), Some(language));
    }
}
