//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use footnote_core::export::ExportFormat;
use footnote_core::ports::Sampling;
use footnote_core::types::{DEFAULT_COLLECTION, SearchMode};

/// Ask your own documents. Every answer names the exact words it rests on; nothing leaves this machine.
#[derive(Parser, Debug)]
#[command(
    name = "footnote",
    version,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Folder with the index, the register and the conversations
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FOOTNOTE_DATA_DIR",
        hide_env_values = true
    )]
    pub data_dir: Option<PathBuf>,
    /// Print JSON: one object, or one per line for streams
    #[arg(long, global = true)]
    pub json: bool,
    /// Generator: an id of `footnote models list`, or an imported model's folder
    #[arg(
        long,
        global = true,
        value_name = "MODEL",
        env = "FOOTNOTE_GENERATOR",
        hide_env_values = true
    )]
    pub generator: Option<String>,
    /// Embedder: an id of `footnote models list`, or an imported model's folder (changing it re-reads all
    /// documents)
    #[arg(
        long,
        global = true,
        value_name = "MODEL",
        env = "FOOTNOTE_EMBEDDER",
        hide_env_values = true
    )]
    pub embedder: Option<String>,
    /// Reranker: an imported model's folder; without one, passages stay as the search ranks them
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FOOTNOTE_RERANKER",
        hide_env_values = true
    )]
    pub reranker: Option<PathBuf>,
}

/// The commands.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Add files and folders; without a path, finish what was interrupted
    #[command(
        after_help = "Folders are searched for documents, sheets, slides, e-mail, web pages, text, source code, images and archives; \
hidden files and generated folders (node_modules, marked caches) are left out. Unchanged files \
cost nothing, changed ones replace their old text. Exits 1 if a file could not be read."
    )]
    Add {
        /// Files and folders
        paths: Vec<PathBuf>,
        /// Collection the documents join
        #[arg(long, default_value = DEFAULT_COLLECTION, value_name = "C")]
        collection: String,
        /// For locked files
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Ask a question and get an answer with citations
    #[command(
        after_help = "With --json the last line is one object with the answer, its sentences with verdicts, \
its citations with quotes, the trace, timings and token counts. \"exact words\", -word, file:name, after:2023 and \
before:2024-05 narrow where the answer is looked for, as in `footnote search`."
    )]
    Ask {
        /// The question
        question: String,
        /// Where to look, in which conversation, and how words are chosen
        #[command(flatten)]
        ask: AskArgs,
        /// With --json: print every event as a line before the final object
        #[arg(long, requires = "json")]
        stream: bool,
    },
    /// Chat in the terminal
    Chat {
        /// Where to look, in which conversation, and how words are chosen
        #[command(flatten)]
        ask: AskArgs,
    },
    /// Find passages
    #[command(
        after_help = "\"exact words\" must stand in a passage, -word and -\"some words\" must not. file:name and -file:name \
go by the path (* and ? are wild, quotes hold spaces together), after:2023 and before:2024-05 by the date that the \
document says. The same holds in questions."
    )]
    Search {
        /// Words, and what narrows the search
        query: String,
        /// Number of passages
        #[arg(short = 'k', default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
        limit: u16,
        /// Which searches run
        #[arg(long, value_enum, default_value_t = Mode::Hybrid)]
        mode: Mode,
        /// Where to look
        #[command(flatten)]
        scope: ScopeArgs,
    },
    /// List, show, remove or verify documents
    Documents {
        /// What to do
        #[command(subcommand)]
        command: DocumentsCommand,
    },
    /// List, search, show, export, rename, pin or remove conversations
    Conversations {
        /// What to do
        #[command(subcommand)]
        command: ConversationsCommand,
    },
    /// Print a file's pages as the indexer sees them
    Extract {
        /// The file
        file: PathBuf,
        /// If it is locked
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List, fetch, import, verify or measure models
    Models {
        /// What to do
        #[command(subcommand)]
        command: ModelsCommand,
    },
    /// Measure quality on a question set
    Eval {
        /// What to measure
        #[command(subcommand)]
        command: EvalCommand,
    },
    /// Check machine, runtime, models and index, and say what to do
    Doctor {
        /// Hash all model files and re-read every chunk
        #[arg(long)]
        full: bool,
    },
    /// Print a completion script
    Completions {
        /// Your shell
        shell: clap_complete::Shell,
    },
}

/// How a locked file's password is given.
#[derive(Args, Debug, Clone, Copy)]
pub struct PasswordArgs {
    /// Read the password of locked files from the first line of standard input; a terminal is asked otherwise.
    /// It is kept for this reading only
    #[arg(long)]
    pub password_stdin: bool,
}

/// Where to look.
#[derive(Args, Debug, Clone, Default)]
pub struct ScopeArgs {
    /// Only this collection
    #[arg(long, value_name = "C")]
    pub collection: Option<String>,
    /// Only this document (repeat for more)
    #[arg(long = "document", value_name = "PATH")]
    pub documents: Vec<PathBuf>,
}

/// What a question takes besides its words.
#[derive(Args, Debug, Clone)]
pub struct AskArgs {
    /// Where to look
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// Continue this conversation
    #[arg(long, value_name = "ID")]
    pub conversation: Option<String>,
    /// How words are chosen
    #[arg(long, value_enum, default_value_t = SamplingArg::Precise, value_name = "HOW")]
    sampling: SamplingArg,
    /// With --sampling advised: the same seed gives the same text
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,
}

impl AskArgs {
    /// How words are chosen.
    pub fn sampling(&self) -> Sampling {
        match self.sampling {
            SamplingArg::Precise => Sampling::Greedy,
            SamplingArg::Advised => Sampling::Advised { seed: self.seed },
        }
    }
}

/// How words are chosen.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum SamplingArg {
    /// Always the most probable word
    Precise,
    /// As the model's publisher advises: livelier, less exact
    Advised,
}

/// Which searches run.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Meaning and words, fused
    Hybrid,
    /// Meaning only
    Vector,
    /// Words only
    Text,
}

impl From<Mode> for SearchMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Hybrid => SearchMode::Hybrid,
            Mode::Vector => SearchMode::Vector,
            Mode::Text => SearchMode::Text,
        }
    }
}

/// Commands on documents.
#[derive(Subcommand, Debug)]
pub enum DocumentsCommand {
    /// All documents
    List,
    /// One document with its warnings
    Show {
        /// Path or id
        document: String,
    },
    /// Remove a document and every trace of it (the file itself stays)
    Remove {
        /// Paths or ids
        #[arg(required = true)]
        documents: Vec<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
    /// Compare files, pages and index of all documents
    Verify,
}

/// Commands on conversations. An id may be cut short, as long as it is clear which one is meant.
#[derive(Subcommand, Debug)]
pub enum ConversationsCommand {
    /// All conversations, pinned ones first, then the latest
    List {
        /// Only those that have all of these words
        #[arg(long, value_name = "WORDS")]
        search: Option<String>,
    },
    /// One conversation with its answers and their sources
    Show {
        /// Its id, or the beginning of it
        conversation: String,
    },
    /// Write a conversation with its citations
    Export {
        /// Its id, or the beginning of it
        conversation: String,
        /// Form of the file; JSON has everything that was saved
        #[arg(long, value_enum, default_value_t = ExportArg::Markdown, value_name = "FORM")]
        format: ExportArg,
        /// File to write, which must not be there yet; standard output if none is named
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Give a conversation another title
    Rename {
        /// Its id, or the beginning of it
        conversation: String,
        /// The title
        title: String,
    },
    /// Keep a conversation at the top
    Pin {
        /// Its id, or the beginning of it
        conversation: String,
        /// Let it go again
        #[arg(long)]
        off: bool,
    },
    /// Remove conversations with their answers
    Remove {
        /// Their ids, or the beginnings of them
        #[arg(required = true)]
        conversations: Vec<String>,
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// Form of an exported conversation.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum ExportArg {
    /// Text with marks, for notes and mail
    Markdown,
    /// One page for a browser
    Html,
    /// Everything that was saved
    Json,
}

impl From<ExportArg> for ExportFormat {
    fn from(form: ExportArg) -> Self {
        match form {
            ExportArg::Markdown => Self::Markdown,
            ExportArg::Html => Self::Html,
            ExportArg::Json => Self::Json,
        }
    }
}

/// Commands on models.
#[derive(Subcommand, Debug)]
pub enum ModelsCommand {
    /// All models of the catalog
    List,
    /// Fetch the default models, or the ones named
    Fetch {
        /// Ids
        models: Vec<String>,
    },
    /// Import a GGUF file, or a folder of safetensors
    Import {
        /// The file or folder
        file: PathBuf,
        /// Nearer to the original, or quicker; GGUF files are imported fast, folders exact, unless said
        #[arg(long, value_enum)]
        profile: Option<ProfileArg>,
    },
    /// Hash the files of all models that are there
    Verify,
    /// Measure the models in use on this machine
    Bench,
}

/// A trade between exactness and speed.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum ProfileArg {
    /// As exact as the operators allow
    Exact,
    /// Eight bits in large blocks: quicker, and a little further from the original
    Fast,
}

/// Evaluations.
#[derive(Subcommand, Debug)]
pub enum EvalCommand {
    /// A folder in BEIR form (corpus.jsonl or a folder documents, queries.jsonl, qrels/test.tsv)
    Retrieval {
        /// The folder
        dir: PathBuf,
    },
    /// A folder of documents (documents/) with questions (questions.jsonl): answers, citations, abstentions
    Answers(AnswersArgs),
    /// A folder of documents (documents/): whether a sentence with one changed fact is noticed
    Grounding {
        /// The folder
        dir: PathBuf,
        /// Sentences to change
        #[arg(long, default_value_t = 200, value_name = "N")]
        count: usize,
    },
    /// A folder of documents without and with instructions to the model (clean/, attacked/) and questions
    /// (questions.jsonl): whether answers obey them
    Injection {
        /// The folder
        dir: PathBuf,
        /// Ask the first N questions only
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Two runs that were printed with --json: every measure's difference, with its interval
    Compare {
        /// The file of the first run
        first: PathBuf,
        /// The file of the second
        second: PathBuf,
    },
    /// A folder of texts (corpora/) with questions and the places that answer them (questions.jsonl)
    Chunking {
        /// The folder
        dir: PathBuf,
    },
}

/// What `eval answers` asks.
#[derive(Args, Debug)]
pub struct AnswersArgs {
    /// The folder
    pub dir: PathBuf,
    /// Keep the index in this folder, and use what is there already
    #[arg(long, value_name = "DIR")]
    pub index: Option<PathBuf>,
    /// Ask the first N questions only
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Hide each question's own document: every question is to be abstained from
    #[arg(long)]
    pub without_source: bool,
}
