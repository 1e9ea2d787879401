//! What messages say (EXP-2): made up, and the same each time.
//!
//! Nobody in a simulation reads or writes, so words are drawn from short lists by occasion, as they are needed: a
//! message's stream is named after its conversation, its instant and who wrote it. What a scenario says itself is used
//! as it is.

use super::message::{Direction, Message, Occasion, Sender};
use crate::desk::AutoMessage;
use crate::kernel::Stream;
use crate::simulation::Names;
use crate::workload::{Chance, Purpose};
use std::borrow::Cow;

/// What a part of a message is (EXP-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ContentType {
    /// Its body.
    Text,
    /// A line above it.
    Header,
    /// A file.
    Attachment,
    /// A line below it.
    Footer,
    /// An answer to press: offered by the desk, or pressed by the customer.
    Button,
}

/// A part of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part<'a> {
    /// What it is.
    pub content_type: ContentType,
    /// What it says; of an attachment, the file's name.
    pub content: Cow<'a, str>,
}

/// Knows what the messages of one run say.
#[derive(Clone, Copy, Debug)]
pub struct Content<'a> {
    names: &'a Names,
    chance: Chance,
}

const REQUESTS: &[&str] = &[
    "Hello, where is my order?",
    "Hi, I was charged twice. Can you look into it?",
    "My parcel arrived damaged, what now?",
    "How do I send something back?",
    "=) Hi! A quick question about my last order",
    "+49 30 23125 014 is my number. Could somebody call me?",
    "-10% is what my voucher says, and it does not work",
    "@team: can somebody help me with my account?",
    "The page says \"something went wrong\" when I pay.",
    "Two questions:\n1. Is the blue one in stock?\n2. When would it arrive?",
    "Schöne Grüße! Lässt sich die Lieferadresse noch ändern?",
    "I cannot log in any more.",
];
const RETURNS: &[&str] = &[
    "It happened again.",
    "Sorry, one more thing.",
    "This is not solved yet.",
    "Back again: the refund has not arrived.",
];
const REMINDERS: &[&str] = &["Is anybody there?", "I am still waiting.", "Hello?", "Any news?"];
const ANSWERS: &[&str] = &[
    "Yes, that is right.",
    "I tried that, and it made no difference.",
    "Thank you! And how long will it take?",
    "=) perfect, thanks",
    "It is the one I ordered last week.",
    "Here is what I see.",
];
const PRESSED: &[&str] = &["Yes, please", "No, thank you"];
const FIRST_REPLIES: &[&str] = &[
    "Thank you for writing. I am looking into it.",
    "I am sorry about that. Could you tell me the order number?",
    "Good question: let me check.",
    "Thank you for your patience. I have found your case.",
];
const REPLIES: &[&str] = &[
    "I have passed it on, and it is on its way.",
    "That is done. Can I do anything else for you?",
    "The refund has been made; it takes two to three days.",
    "Please try once more now.",
];
const OFFERS: &[&str] = &["That helped", "I need more help"];
const FROM_CUSTOMERS: &[(&str, &str)] = &[("photo", "jpg"), ("screenshot", "png"), ("receipt", "pdf")];
const FROM_THE_DESK: &[(&str, &str)] = &[("guide", "pdf"), ("return-label", "pdf"), ("invoice", "pdf")];

impl<'a> Content<'a> {
    /// What is said in a run of that seed and replication.
    pub fn new(names: &'a Names, seed: u64, replication: u32) -> Content<'a> {
        Content { names, chance: Chance::new(seed, replication) }
    }

    /// The parts of a message in their order, in place of what `parts` held.
    pub fn parts(&self, message: &Message, parts: &mut Vec<Part<'a>>) {
        parts.clear();
        let mut draw = self.draw(message);
        let mut add = |content_type, content| parts.push(Part { content_type, content });
        use ContentType::{Attachment, Button, Footer, Header, Text};
        match message.occasion {
            Occasion::Said(said) => add(Text, self.names.text(said).into()),
            Occasion::Consent(granted) => add(Button, answer(granted).into()),
            Occasion::Answer if draw.uniform() < 0.12 => add(Button, pick(PRESSED, &mut draw).into()),
            Occasion::Request | Occasion::Return | Occasion::Reminder | Occasion::Answer => {
                add(Text, pick(text_of(message.occasion), &mut draw).into());
                if draw.uniform() < 0.12 {
                    add(Attachment, file(FROM_CUSTOMERS, &mut draw).into());
                }
            }
            Occasion::FirstReply => {
                if let Some((ticket, _)) = message.ticket {
                    add(Header, format!("Your request {ticket}").into());
                }
                add(Text, pick(FIRST_REPLIES, &mut draw).into());
                self.close_reply(message.sender, true, &mut draw, add);
            }
            Occasion::Reply => {
                add(Text, pick(REPLIES, &mut draw).into());
                self.close_reply(message.sender, false, &mut draw, add);
            }
            Occasion::ConsentAsked => {
                add(Header, "Before we begin".into());
                add(Text, "May we keep what you write, so that we can help you?".into());
                add(Button, answer(true).into());
                add(Button, answer(false).into());
            }
            Occasion::Auto(kind, user) => {
                add(Header, title(kind).into());
                add(Text, self.names.said(kind, message.channel, user).unwrap_or(standard(kind)).into());
                add(Footer, "This is an automatic message.".into());
            }
        }
    }

    /// What a message says, without its trimmings.
    pub fn text(&self, message: &Message) -> Cow<'a, str> {
        let mut parts = Vec::new();
        self.parts(message, &mut parts);
        let body = parts.iter().position(|part| part.content_type == ContentType::Text).unwrap_or(0);
        parts.swap_remove(body).content
    }

    /// What may come after the text of a reply.
    fn close_reply(
        &self,
        sender: Sender,
        signed: bool,
        draw: &mut Stream,
        mut add: impl FnMut(ContentType, Cow<'a, str>),
    ) {
        if draw.uniform() < 0.1 {
            add(ContentType::Attachment, file(FROM_THE_DESK, draw).into());
        }
        if let (true, Sender::User(user)) = (signed, sender) {
            add(ContentType::Footer, self.names.user(user).into());
        }
        if draw.uniform() < 0.15 {
            OFFERS.iter().for_each(|offer| add(ContentType::Button, (*offer).into()));
        }
    }

    fn draw(&self, message: &Message) -> Stream {
        let side = u64::from(message.direction() == Direction::Outbound);
        let ordinal = message.at.as_micros().wrapping_mul(2).wrapping_add(side);
        self.chance.stream(Purpose::Content, u64::from(message.conversation.0), ordinal)
    }
}

impl ContentType {
    /// All of them.
    pub const ALL: [ContentType; 5] =
        [ContentType::Text, ContentType::Header, ContentType::Attachment, ContentType::Footer, ContentType::Button];

    /// As EXP-2 calls it.
    pub const fn name(self) -> &'static str {
        match self {
            ContentType::Text => "Text",
            ContentType::Header => "Header",
            ContentType::Attachment => "Attachment",
            ContentType::Footer => "Footer",
            ContentType::Button => "Button",
        }
    }
}

fn text_of(occasion: Occasion) -> &'static [&'static str] {
    match occasion {
        Occasion::Return => RETURNS,
        Occasion::Reminder => REMINDERS,
        Occasion::Answer => ANSWERS,
        _ => REQUESTS,
    }
}

fn pick<T: Copy>(from: &[T], draw: &mut Stream) -> T {
    from[(draw.bits() % from.len() as u64) as usize]
}

fn file(names: &[(&str, &str)], draw: &mut Stream) -> String {
    let (name, extension) = pick(names, draw);
    format!("{name}-{:04}.{extension}", draw.bits() % 10_000)
}

fn answer(granted: bool) -> &'static str {
    if granted { "I agree" } else { "I do not agree" }
}

fn title(kind: AutoMessage) -> &'static str {
    match kind {
        AutoMessage::Greeting => "Welcome",
        AutoMessage::Away => "We are away",
        AutoMessage::OutsideBusinessHours => "We are closed",
    }
}

fn standard(kind: AutoMessage) -> &'static str {
    match kind {
        AutoMessage::Greeting => "Hello! How can we help you?",
        AutoMessage::Away => "We will be with you as soon as we can.",
        AutoMessage::OutsideBusinessHours => "We will answer when we are open again.",
    }
}
