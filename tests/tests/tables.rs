//! Questions over tables, from files to computed and cited answers: real reading, register and queries, no model.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use footnote_core::answer::AskRequest;
use footnote_core::engine::{Engine, EngineParts};
use footnote_core::memory::engine_parts;
use footnote_core::report::Silent;
use footnote_core::types::{Answer, AnswerEvent, DEFAULT_COLLECTION};
use footnote_extract::{WorkerConfig, WorkerExtractor};
use footnote_ledger::SqliteLedger;
use footnote_tables::DataFusionTables;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tokio_util::sync::CancellationToken;

struct Library {
    folder: tempfile::TempDir,
    engine: Engine,
}

impl Library {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let engine = Engine::open(EngineParts {
            extractor: Arc::new(WorkerExtractor::new(WorkerConfig::new(footnote_tests::binary()))),
            tables: Arc::new(DataFusionTables),
            ledger: Arc::new(SqliteLedger::open(folder.path().join("ledger.sqlite")).expect("a register")),
            ..engine_parts()
        })
        .await
        .expect("an engine");
        Self { folder, engine }
    }

    async fn add(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        self.index(&path).await;
        path
    }

    async fn index(&self, path: &Path) {
        let cancel = CancellationToken::new();
        let paths = [path.to_owned()];
        let added = self.engine.add(&paths, DEFAULT_COLLECTION, &Silent, &cancel);
        for job in added.await.expect("an outcome").jobs {
            assert_eq!(job.error, None, "{}", job.path.display());
        }
    }

    async fn ask(&self, question: &str) -> (Answer, Vec<AnswerEvent>) {
        let events = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&events);
        let sink = Arc::new(move |event| into.lock().expect("events").push(event));
        let asked = self
            .engine
            .ask(AskRequest::new(question), sink, CancellationToken::new());
        let answer = asked.await.unwrap_or_else(|error| panic!("{question}: {error}"));
        let events = events.lock().expect("events").clone();
        (answer, events)
    }

    /// Quotes are on their pages, byte for byte, and every sentence names what it cites.
    async fn assert_exact(&self, answer: &Answer) {
        for citation in &answer.citations {
            let page = self
                .engine
                .page(&citation.document, citation.page)
                .await
                .expect("the page");
            assert_eq!(citation.span.of(&page.text), citation.quote);
            assert!(!citation.quote.is_empty());
        }
        for sentence in &answer.sentences {
            assert!(answer.answer.contains(&sentence.text));
            assert_eq!(
                footnote_core::citation::markers(&sentence.text),
                sentence.citations
            );
        }
        let numbers: Vec<u32> = answer.citations.iter().map(|citation| citation.n).collect();
        let ranks: Vec<u32> = answer.passages.iter().map(|passage| passage.rank).collect();
        assert_eq!(numbers, ranks);
    }
}

const BERTHS: &str = "Berth,Quay,Depth (m),Annual fee,Paid on,Status\n\
    B1,East,4.5,\"€1,200.50\",2024-01-05,open\n\
    B2,East,3.0,€900.00,2024-02-11,paid\n\
    B3,West,6.25,\"€2,000.00\",2023-12-30,paid\n\
    B4,North pier,2.0,€450.25,2024-03-01,open\n\
    Total,,,\"€4,550.75\",,\n";
const RECHNUNGEN: &str = "Nr;Kunde;Ort;Betrag;Datum;Zustand\n\
    R1;Maier;Köln;1.234,50 €;05.01.2024;offen\n\
    R2;Huber;Bonn;99,00 €;17.02.2024;bezahlt\n\
    R3;Maier;Köln;450,25 €;30.12.2023;offen\n\
    Summe;;;1.783,75 €;;\n";
const LEASE: &str = "# Lease\n\nThe total rent is 900 euros a month. The tenant pays the average cost of heating. \
    The highest fine is 50 euros. How many keys there are is noted below: three keys.\n\nDie Summe der Kaution beträgt drei Monatsmieten.\n";

fn expenses() -> Vec<u8> {
    let mut book = Workbook::new();
    let money = Format::new().set_num_format("#,##0.00");
    let day = Format::new().set_num_format("yyyy-mm-dd");
    type Line<'a> = (u8, &'a str, &'a str, f64);
    let months: [(&str, u8, &[Line<'_>]); 2] = [
        (
            "January",
            1,
            &[
                (5, "Travel", "Rail Ltd", 120.1),
                (9, "Paper", "Quill", 15.5),
                (30, "Travel", "Taxi Co", 80.2),
            ],
        ),
        (
            "February",
            2,
            &[(3, "Paper", "Quill", 1200.0), (14, "Travel", "Rail Ltd", 99.7)],
        ),
    ];
    for (name, month, lines) in months {
        let sheet = book.add_worksheet().set_name(name).expect("a name");
        for (column, header) in ["Day", "Category", "Supplier", "Amount"].iter().enumerate() {
            sheet.write(0, column as u16, *header).expect("a header");
        }
        for (row, (date, category, supplier, amount)) in (1..).zip(lines) {
            let date = ExcelDateTime::from_ymd(2024, month, *date).expect("a day");
            sheet.write_with_format(row, 0, &date, &day).expect("a day");
            sheet.write(row, 1, *category).expect("a word");
            sheet.write(row, 2, *supplier).expect("a word");
            sheet
                .write_with_format(row, 3, *amount, &money)
                .expect("an amount");
        }
        let sum: f64 = lines.iter().map(|line| line.3).sum();
        let last = lines.len() as u32 + 1;
        sheet
            .merge_range(last, 0, last, 2, "Total", &Format::new())
            .expect("a merged cell");
        sheet.write_with_format(last, 3, sum, &money).expect("a sum");
    }
    book.save_to_buffer().expect("a workbook")
}

async fn library() -> Library {
    let library = Library::new().await;
    library.add("berths.csv", BERTHS).await;
    library.add("rechnungen.csv", RECHNUNGEN).await;
    library.add("expenses.xlsx", expenses()).await;
    library.add("lease.md", LEASE).await;
    library
}

const JANUARY_FEBRUARY: &str = "2 tables (expenses.xlsx, January; expenses.xlsx, February)";

#[tokio::test]
async fn table_questions_are_computed_exactly_and_cited() {
    let library = library().await;
    let both = |text: &str| text.replace("BOTH", JANUARY_FEBRUARY);
    for (question, said) in [
        (
            "What is the total annual fee?",
            "The sum of Annual fee is €4,550.75, over 4 of 4 rows in berths.csv. [1, 2, 3, 4]",
        ),
        (
            "What is the sum of the fees on the East quay?",
            "The sum of Annual fee is €2,100.50, over 2 of 4 rows in berths.csv: Quay is “East”. [1, 2]",
        ),
        (
            "What is the average depth?",
            "The average of Depth (m) is 3.94, over 4 of 4 rows in berths.csv. [1, 2, 3, 4]",
        ),
        (
            "How many berths have a fee over €1,000?",
            "2 of 4 rows in berths.csv fit: Annual fee is over €1,000. [1, 2]",
        ),
        (
            "How many different quays are there?",
            "The number of different values of Quay is 3, over 4 of 4 rows in berths.csv. [1, 2, 3, 4]",
        ),
        (
            "Which berth has the highest annual fee?",
            "The highest Annual fee, over 4 of 4 rows in berths.csv.\n\n- B3, €2,000.00 [1]",
        ),
        (
            "List the berths with a depth of at least 3 m.",
            "3 of 4 rows in berths.csv fit: Depth (m) is at least 3.\n\n- B1, 4.50 [1]\n- B2, 3.00 [2]\n- B3, 6.25 [3]",
        ),
        (
            "What is the total fee per quay?",
            "The sum of Annual fee per Quay, over 4 of 4 rows in berths.csv.\n\n- East: €2,100.50 (2 rows) [1, 2]\n- North pier: €450.25 (1 row) [3]\n- West: €2,000.00 (1 row) [4]",
        ),
        (
            "Which quay has the highest total fee?",
            "The highest sum of Annual fee per Quay, over 4 of 4 rows in berths.csv.\n\n- East: €2,100.50 (2 rows) [1, 2]",
        ),
        (
            "What is the total amount for Travel?",
            "The sum of Amount is 300.00, over 3 of 5 rows in BOTH: Category is “Travel”. [1, 2, 3]",
        ),
        (
            "What is the total amount in January?",
            "The sum of Amount is 215.80, over 3 of 3 rows in expenses.xlsx, January. [1, 2, 3]",
        ),
        (
            "How many expenses have an amount under 100?",
            "3 of 5 rows in BOTH fit: Amount is under 100. [1, 2, 3]",
        ),
        (
            "What is the total amount since 2024-02-01?",
            "The sum of Amount is 1,299.70, over 2 of 5 rows in BOTH: Day is at least 2024-02-01. [1, 2]",
        ),
        (
            "Wie hoch ist die Summe der Beträge?",
            "Summe von Betrag: 1.783,75 €, über 3 von 3 Zeilen in rechnungen.csv. [1, 2, 3]",
        ),
        (
            "Wie hoch ist der Gesamtbetrag in Köln?",
            "Summe von Betrag: 1.684,75 €, über 2 von 3 Zeilen in rechnungen.csv: Ort ist „Köln“. [1, 2]",
        ),
        (
            "Wie viele Rechnungen sind offen?",
            "2 von 3 Zeilen in rechnungen.csv passen: Zustand ist „offen“. [1, 2]",
        ),
        (
            "Welche Rechnungen haben einen Betrag über 1.000 Euro?",
            "1 von 3 Zeilen in rechnungen.csv passen: Betrag ist über 1.000 €.\n\n- ",
        ),
        (
            "Welcher Kunde hat den höchsten Betrag?",
            "Höchster Wert von Betrag, über 3 von 3 Zeilen in rechnungen.csv.\n\n- Maier, 1.234,50 € [1]",
        ),
    ] {
        let (answer, events) = library.ask(question).await;
        assert!(
            answer.answer.starts_with(&both(said)),
            "{question}\n{}",
            answer.answer
        );
        assert!(!answer.abstained && answer.tokens.generated == 0);
        let query = answer.trace.table.as_ref().expect("a query");
        assert!(query.sql.starts_with("SELECT "), "{}", query.sql);
        library.assert_exact(&answer).await;
        assert!(matches!(events.last(), Some(AnswerEvent::Done { .. })));
    }
}

#[tokio::test]
async fn ordinary_questions_are_not_taken_for_computations() {
    let library = library().await;
    for question in [
        "What is the total rent?",
        "What is the highest fine?",
        "How many keys are there?",
        "What does the tenant pay on average?",
        "Who pays the average cost of heating?",
        "Which berth is on the West quay?",
        "What is the fee of B3?",
        "When was B2 paid?",
        "What is the total fee in the lease?",
        "What is the total fee of berths that are not open?",
        "What is the average amount that a keeper earns?",
        "How many suppliers deliver paper on Mondays?",
        "Why is the annual fee so high?",
        "What is the latest fee?",
        "Wie hoch ist die Summe der Kaution?",
        "Wer ist der Kunde der Rechnung R2?",
        "Wie viele Schlüssel gibt es?",
        "Welche Rechnungen sind nicht bezahlt?",
    ] {
        let (answer, _) = library.ask(question).await;
        assert_eq!(answer.trace.table, None, "{question}: {}", answer.answer);
    }
}

#[tokio::test]
async fn files_can_be_named_and_copies_do_not_count_twice() {
    let library = library().await;
    library.add("copy of berths.csv", BERTHS).await;
    let (answer, _) = library.ask("What is the total annual fee?").await;
    assert!(
        answer.answer.starts_with("The sum of Annual fee is €4,550.75"),
        "{}",
        answer.answer
    );
    let newer = BERTHS.replace("B4,North pier,2.0,€450.25", "B4,North pier,2.0,€500.00");
    library
        .add("berths 2025.csv", newer.replace("€4,550.75", "€4,600.50"))
        .await;
    // Two versions: which one is meant is not said.
    let (answer, _) = library.ask("What is the total annual fee?").await;
    assert_eq!(answer.trace.table, None, "{}", answer.answer);
    let (answer, _) = library.ask("What is the total annual fee? file:2025").await;
    assert!(
        answer.answer.starts_with("The sum of Annual fee is €4,600.50"),
        "{}",
        answer.answer
    );
    assert_eq!(answer.trace.filtered.expect("filters").documents, 1);
}

#[tokio::test]
async fn cells_headers_and_questions_cannot_become_sql() {
    let library = Library::new().await;
    let csv = "Item,\"Fee\"\"; DROP TABLE items; --\",Note\n\
        x' OR '1'='1,10,a\n\
        \"y'; COPY items TO '/tmp/footnote-table-test'; --\",20,b\n";
    library.add("items.csv", csv).await;
    let (answer, _) = library.ask("What is the total fee drop table items?").await;
    let query = answer.trace.table.expect("a query");
    assert_eq!((query.matched, query.rows), (2, 2), "{}", query.sql);
    assert!(answer.answer.contains(" is 30,"), "{}", answer.answer);
    let (answer, _) = library
        .ask("List items with x' OR '1'='1 and a fee over 5 drop table items")
        .await;
    if let Some(query) = answer.trace.table {
        assert_eq!(query.matched, 1, "{}", query.sql);
    }
    assert!(!Path::new("/tmp/footnote-table-test").exists());
}

#[tokio::test]
#[ignore = "a measurement: time of a question over 100,000 rows"]
#[allow(clippy::print_stdout)]
async fn a_large_table() {
    let library = Library::new().await;
    let mut csv = String::from("Order,City,Product,Amount,Day\n");
    for n in 0..100_000_u32 {
        let city = ["Hamburg", "Bremen", "Kiel", "Lübeck"][(n % 4) as usize];
        let (day, month) = (n % 28 + 1, n % 12 + 1);
        csv.push_str(&format!(
            "O{n},{city},product {},{}.{:02},2024-{month:02}-{day:02}\n",
            n % 97,
            n % 900,
            n % 100
        ));
    }
    let began = Instant::now();
    library.add("orders.csv", &csv).await;
    println!(
        "indexed (without a model) in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    for question in [
        "What is the total amount in Hamburg?",
        "What is the average amount per city?",
        "How many orders have an amount over 500?",
        "What is the weather in Hamburg?",
    ] {
        let began = Instant::now();
        let (answer, _) = library.ask(question).await;
        let line = answer.answer.lines().next().unwrap_or_default();
        println!(
            "{:.0} ms  {question}  {line}",
            began.elapsed().as_secs_f64() * 1e3
        );
    }
}
