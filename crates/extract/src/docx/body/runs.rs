//! How runs look, as far as it changes what they say: raised, lowered, hidden.

use quick_xml::events::BytesStart;

use super::Body;
use super::Look;
use crate::docx::styles::{flag, script_of};
use crate::xml::attribute;

impl Body<'_> {
    /// How the run being read looks. What it does not say itself, its paragraph's style says.
    pub(super) fn look(&self) -> Look {
        let style = self.paragraphs.last().and_then(|p| p.style.as_deref());
        let own = self.runs.last().copied().unwrap_or_default();
        style.map_or(own, |style| own.or(self.styles.look(style)))
    }

    /// Takes a property of the run being read.
    pub(super) fn run_property(&mut self, name: &str, element: &BytesStart<'_>) {
        let Some(run) = self.runs.last_mut() else { return };
        match name {
            "vertAlign" => run.script = script_of(element),
            "vanish" => run.hidden = Some(flag(element)),
            // The style of the run stands before what the run says itself, and gives way to it.
            _ => {
                let style = attribute(element, "val").unwrap_or_default();
                *run = run.or(self.styles.look(&style));
            }
        }
    }
}
