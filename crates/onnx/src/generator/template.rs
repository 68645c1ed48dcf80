//! Chat templates: Jinja as model publishers write it, with Python's string methods.

use footnote_core::ports::{Message, Speaker};
use footnote_core::{Error, Problem, Result};
use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, ErrorKind, context};
use serde::Serialize;

/// The template of models that carry none but know these turn marks.
const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n\
    {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
/// The template of models that know no turn marks at all.
const PLAIN: &str = "{% for message in messages %}{{ message.content }}\n\n{% endfor %}";

/// Put inside a control token's spelling where a message has one.
const BREAK: char = '\u{200b}';

/// A compiled chat template with what it may ask for.
pub(crate) struct ChatTemplate {
    environment: Environment<'static>,
    bos: String,
    eos: String,
    /// Spellings of the model's control tokens, longest first.
    control: Vec<String>,
}

#[derive(Serialize)]
struct Turn {
    role: &'static str,
    content: String,
}

impl ChatTemplate {
    /// `template`: as the model carries it, if it does. `control`: spellings of its control tokens.
    pub(crate) fn new(template: Option<&str>, bos: &str, eos: &str, control: &[&str]) -> Result<Self> {
        let template = template.unwrap_or(if control.contains(&"<|im_start|>") {
            CHATML
        } else {
            PLAIN
        });
        let mut environment = Environment::new();
        // As the templates' own reference implementation sets them.
        environment.set_trim_blocks(true);
        environment.set_lstrip_blocks(true);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise);
        environment.add_function("strftime_now", |format: &str| {
            jiff::Zoned::now().strftime(format).to_string()
        });
        environment.add_filter("tojson", to_json);
        environment
            .add_template_owned("chat", template.to_owned())
            .map_err(|error| {
                Error::user(format!("The model's chat template cannot be used: {error}"))
                    .problem(Problem::ModelUnsuitable {
                        detail: error.to_string(),
                    })
                    .hint("Choose another model, or another conversion of this one")
            })?;
        let mut control: Vec<String> = control.iter().map(|text| (*text).to_owned()).collect();
        control.sort_by_key(|text| std::cmp::Reverse(text.len()));
        Ok(Self {
            environment,
            bos: bos.into(),
            eos: eos.into(),
            control,
        })
    }

    /// The prompt, up to where the model's answer begins.
    pub(crate) fn render(&self, messages: &[Message]) -> Result<String> {
        let turns: Vec<Turn> = messages
            .iter()
            .map(|message| Turn {
                role: match message.speaker {
                    Speaker::System => "system",
                    Speaker::User => "user",
                    Speaker::Assistant => "assistant",
                },
                content: self.neutralise(&message.text),
            })
            .collect();
        let render = |turns: &[Turn]| {
            let template = self.environment.get_template("chat")?;
            template.render(context! {
                messages => turns,
                add_generation_prompt => true,
                bos_token => self.bos,
                eos_token => self.eos,
            })
        };
        match render(&turns) {
            Ok(prompt) => Ok(prompt),
            // Some families know no system turn and say so; their publishers' advice is to join it to
            // the first question.
            Err(first) => render(&without_system(turns)).map_err(|_| {
                Error::runtime(format!(
                    "The model's chat template refused the conversation: {first}"
                ))
                .problem(Problem::ModelRefusedChat {
                    detail: first.to_string(),
                })
                .hint("Choose another model, or start a new conversation")
            }),
        }
    }

    /// Breaks up spellings of control tokens: a document that contains `<|im_end|>` must not end the turn.
    pub(crate) fn neutralise(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for control in &self.control {
            let Some(first) = control.chars().next() else {
                continue;
            };
            if text.contains(control.as_str()) {
                let (head, tail) = control.split_at(first.len_utf8());
                text = text.replace(control.as_str(), &format!("{head}{BREAK}{tail}"));
            }
        }
        text
    }
}

fn without_system(turns: Vec<Turn>) -> Vec<Turn> {
    let mut joined: Vec<Turn> = Vec::with_capacity(turns.len());
    let mut instructions = String::new();
    for mut turn in turns {
        match turn.role {
            "system" => {
                instructions.push_str(&turn.content);
                instructions.push_str("\n\n");
                continue;
            }
            "user" => turn.content.insert_str(0, &std::mem::take(&mut instructions)),
            _ => {}
        }
        joined.push(turn);
    }
    if !instructions.is_empty() {
        joined.push(Turn {
            role: "user",
            content: instructions.trim_end().to_owned(),
        });
    }
    joined
}

fn raise(message: &str) -> Result<String, minijinja::Error> {
    Err(minijinja::Error::new(
        ErrorKind::InvalidOperation,
        message.to_owned(),
    ))
}

/// Python's spelling of JSON: a space after `:` and `,`, and nothing escaped for HTML.
fn to_json(value: &Value, options: Kwargs) -> Result<String, minijinja::Error> {
    let indent: Option<usize> = options.get("indent")?;
    let fail = |error: serde_json::Error| {
        minijinja::Error::new(ErrorKind::BadSerialization, "cannot be written as JSON").with_source(error)
    };
    if indent.is_some() {
        return serde_json::to_string_pretty(value).map_err(fail);
    }
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Spaced);
    value.serialize(&mut serializer).map_err(fail)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

struct Spaced;

impl serde_json::ser::Formatter for Spaced {
    fn begin_array_value<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + std::io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> std::io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + std::io::Write>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(speaker: Speaker, text: &str) -> Message {
        Message {
            speaker,
            text: text.into(),
        }
    }

    fn render(template: &str, messages: &[Message]) -> Result<String> {
        ChatTemplate::new(Some(template), "<s>", "</s>", &["<|im_start|>", "<|im_end|>"])?.render(messages)
    }

    #[test]
    fn chatml_is_the_fallback() {
        let template = ChatTemplate::new(None, "", "", &["<|im_start|>", "<|im_end|>"]).expect("template");
        let prompt = template.render(&[
            message(Speaker::System, "Be brief."),
            message(Speaker::User, "Hi"),
        ]);
        assert_eq!(
            prompt.expect("prompt"),
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
        );
    }

    #[test]
    fn python_methods_and_undefined_tools_work() {
        let template = "{%- if tools %}tools{%- endif %}\n{%- for message in messages %}\n    \
            {{- bos_token + message.content.strip().upper() }}{{ message['role'].startswith('us') }}\n{%- endfor %}";
        let prompt = render(template, &[message(Speaker::User, "  hi ")]).expect("prompt");
        assert_eq!(prompt.to_lowercase(), "<s>hitrue");
    }

    #[test]
    fn a_template_without_system_turns_gets_the_instructions_with_the_question() {
        let template = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}\
            {% endif %}{% for m in messages %}[{{ m.content }}]{% endfor %}";
        let messages = [
            message(Speaker::System, "Be brief."),
            message(Speaker::User, "Hi"),
        ];
        assert_eq!(render(template, &messages).expect("prompt"), "[Be brief.\n\nHi]");
    }

    #[test]
    fn a_refusal_is_told() {
        let error = render(
            "{{ raise_exception('Roles must alternate') }}",
            &[message(Speaker::User, "Hi")],
        );
        assert!(
            error
                .expect_err("must fail")
                .message
                .contains("Roles must alternate")
        );
    }

    #[test]
    fn documents_cannot_end_the_turn() {
        let prompt = render(
            "{{ messages[0].content }}",
            &[message(Speaker::User, "a<|im_end|>b")],
        );
        assert_eq!(prompt.expect("prompt"), "a<\u{200b}|im_end|>b");
    }

    #[test]
    fn json_is_spelled_as_in_python() {
        let prompt = render("{{ {'a': [1, '<b>']} | tojson }}", &[]).expect("prompt");
        assert_eq!(prompt, r#"{"a": [1, "<b>"]}"#);
    }

    #[test]
    fn the_date_can_be_asked_for() {
        let prompt = render("{{ strftime_now('%Y') }}", &[]).expect("prompt");
        assert!(prompt.len() == 4 && prompt.starts_with('2'), "{prompt}");
    }
}
