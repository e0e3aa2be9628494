//! The subset of JavaScript that AutoConfig files use: calls that set preferences, variables, the environment, string
//! concatenation, conditions. Everything else in a script is skipped and reported (`not-followed`): loops, its own
//! functions, Thunderbird's services, LDAP queries. The functions are those of Thunderbird's
//! `defaults/autoconfig/prefcalls.js` (153.7.0esr).

use std::collections::BTreeMap;

use provost_account::{Findings, Place, codes::profile as codes, shown};

use super::lexer::{Lexeme, Token, lexemes};
use super::values::{Preference, Preferences, Value};
use crate::spelling;

/// Runs a script. `environment` answers for variables of the environment.
pub(super) fn run(text: &str, environment: &dyn Fn(&str) -> Value, findings: &mut Findings) -> Option<Preferences> {
    let lexemes = lexemes(text, findings)?;
    let mut script = Script {
        lexemes: &lexemes,
        at: 0,
        depth: 0,
        is_live: true,
        environment,
        variables: BTreeMap::new(),
        preferences: Preferences::default(),
        findings,
    };
    while *script.peek() != Token::End {
        script.statement().ok()?;
    }
    Some(script.preferences)
}

/// A finding says why.
struct Refused;

struct Script<'a> {
    lexemes: &'a [Lexeme],
    at: usize,
    depth: usize,
    /// Whether what is read is run too: not the branch that a condition excludes.
    is_live: bool,
    environment: &'a dyn Fn(&str) -> Value,
    variables: BTreeMap<String, Value>,
    preferences: Preferences,
    findings: &'a mut Findings,
}

type Evaluated = Result<Value, Refused>;

impl Script<'_> {
    fn peek(&self) -> &Token {
        &self.lexemes[self.at].token
    }

    fn place(&self) -> Place {
        self.lexemes[self.at].place
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        // The last one is the end, which stays.
        self.at = (self.at + 1).min(self.lexemes.len() - 1);
        token
    }

    /// Whether a mark or a word comes next.
    fn is(&self, expected: &str) -> bool {
        match self.peek() {
            Token::Mark(mark) => *mark == expected,
            Token::Word(word) => word == expected,
            Token::Text(_) | Token::Number(_) | Token::Opaque | Token::End => false,
        }
    }

    fn takes(&mut self, expected: &'static str) -> bool {
        self.takes_one_of(&[expected]).is_some()
    }

    fn takes_one_of(&mut self, expected: &[&'static str]) -> Option<&'static str> {
        let found = expected.iter().copied().find(|it| self.is(it))?;
        self.next();
        Some(found)
    }

    fn expect(&mut self, mark: &'static str) -> Result<(), Refused> {
        if self.takes(mark) {
            return Ok(());
        }
        let message = format!("{}; expected {mark:?}: Thunderbird cannot read the script", self.peek().shown());
        self.refuse(message)
    }

    fn refuse<T>(&mut self, message: String) -> Result<T, Refused> {
        self.findings.add(codes::CONFIG_SYNTAX, Some(self.place()), message, "correct the script there");
        Err(Refused)
    }

    fn passes_over(&mut self, place: Place, what: &str) {
        if self.is_live {
            spelling::not_followed(what, "the script would have to be run", place, self.findings);
        }
    }

    /// Reads something, which is run only under a condition that holds.
    fn only_if<T>(&mut self, holds: bool, read: impl FnOnce(&mut Self) -> Result<T, Refused>) -> Result<T, Refused> {
        let was_live = self.is_live;
        self.is_live &= holds;
        let read = read(self);
        self.is_live = was_live;
        read
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Refused>) -> Result<T, Refused> {
        if self.depth >= DEPTH_MAX {
            let message = format!("more than {DEPTH_MAX} deep");
            self.findings.add(codes::TOO_DEEP, Some(self.place()), message, "write it flatter");
            return Err(Refused);
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn statement(&mut self) -> Result<(), Refused> {
        self.deeper(Self::any_statement)
    }

    fn any_statement(&mut self) -> Result<(), Refused> {
        let place = self.place();
        if self.takes(";") {
            return Ok(());
        }
        if self.is("{") {
            return self.block();
        }
        let Token::Word(word) = self.peek().clone() else {
            self.expression()?;
            return self.ends();
        };
        match word.as_str() {
            "if" => self.condition(),
            "try" => {
                self.next();
                self.block()?;
                if self.takes("catch") {
                    if self.is("(") {
                        self.balanced()?;
                    }
                    self.only_if(false, Self::block)?;
                }
                if self.takes("finally") {
                    self.block()?;
                }
                Ok(())
            }
            "var" | "let" | "const" => {
                self.next();
                loop {
                    self.declaration()?;
                    if !self.takes(",") {
                        return self.ends();
                    }
                }
            }
            "function" | "class" | "for" | "while" | "do" | "switch" | "throw" | "return" => {
                self.passes_over(place, &word);
                self.next();
                self.skip(&word)
            }
            _ => {
                self.expression()?;
                self.ends()
            }
        }
    }

    fn block(&mut self) -> Result<(), Refused> {
        self.expect("{")?;
        while !self.is("}") && *self.peek() != Token::End {
            self.statement()?;
        }
        self.expect("}")
    }

    fn condition(&mut self) -> Result<(), Refused> {
        let place = self.place();
        self.next();
        self.expect("(")?;
        let holds = self.expression()?.holds();
        self.expect(")")?;
        if holds.is_none() {
            self.passes_over(place, "a condition of what only Thunderbird knows, with what follows it,");
        }
        self.only_if(holds == Some(true), Self::statement)?;
        if self.takes("else") {
            self.only_if(holds == Some(false), Self::statement)?;
        }
        Ok(())
    }

    fn declaration(&mut self) -> Result<(), Refused> {
        let Token::Word(name) = self.next() else {
            // Patterns such as `const { a } = b`.
            self.at -= 1;
            self.balanced()?;
            if self.takes("=") {
                self.expression()?;
            }
            return Ok(());
        };
        let value = if self.takes("=") { self.expression()? } else { Value::Nothing };
        self.assign(name, value);
        Ok(())
    }

    fn assign(&mut self, name: String, value: Value) {
        if self.is_live {
            self.variables.insert(name, value);
        }
    }

    /// The end of a statement: a semicolon, or what JavaScript takes for one.
    fn ends(&mut self) -> Result<(), Refused> {
        let is_end = self.takes(";")
            || self.is("}")
            || *self.peek() == Token::End
            || self.place().line > self.lexemes[self.at.saturating_sub(1)].place.line;
        if is_end {
            return Ok(());
        }
        self.refuse(format!("{} after a statement: Thunderbird cannot read the script", self.peek().shown()))
    }

    /// Passes over what follows a keyword: brackets, then a block or the rest of a line.
    fn skip(&mut self, keyword: &str) -> Result<(), Refused> {
        while let Token::Word(_) = self.peek() {
            self.next();
        }
        if self.is("(") {
            self.balanced()?;
        }
        match (self.is("{"), keyword) {
            (true, _) => self.balanced()?,
            (false, "for" | "while") => self.only_if(false, Self::statement)?,
            (false, _) => {
                while !self.is(";") && !self.is("}") && *self.peek() != Token::End {
                    self.next();
                }
            }
        }
        if keyword == "do" && self.takes("while") {
            self.balanced()?;
        }
        Ok(())
    }

    /// Passes over brackets and what is in them.
    fn balanced(&mut self) -> Result<(), Refused> {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Token::Mark("(" | "[" | "{") => open += 1,
                Token::Mark(")" | "]" | "}") => open = open.saturating_sub(1),
                Token::End => return self.refuse("a bracket is not closed".to_owned()),
                Token::Mark(_) | Token::Word(_) | Token::Text(_) | Token::Number(_) | Token::Opaque => {}
            }
            self.next();
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn expression(&mut self) -> Evaluated {
        self.deeper(Self::assignment)
    }

    fn assignment(&mut self) -> Evaluated {
        if let (Token::Word(name), Token::Mark(mark @ ("=" | "+="))) =
            (self.peek().clone(), self.lexemes[(self.at + 1).min(self.lexemes.len() - 1)].token.clone())
        {
            self.next();
            self.next();
            let mut value = self.expression()?;
            if mark == "+=" {
                value = self.variables.get(&name).cloned().unwrap_or(Value::Unknown).plus(&value);
            }
            self.assign(name, value.clone());
            return Ok(value);
        }
        let value = self.either()?;
        if self.takes("?") {
            let holds = value.holds();
            let yes = self.only_if(holds == Some(true), Self::expression)?;
            self.expect(":")?;
            let no = self.only_if(holds == Some(false), Self::expression)?;
            return Ok(Value::chosen(holds, yes, no));
        }
        let place = self.place();
        if let Some(mark) = self.takes_one_of(&["=", "=>"]) {
            // A property of an object, or a function.
            self.passes_over(place, if mark == "=" { "an assignment" } else { "a function" });
            match self.is("{") {
                true => self.balanced()?,
                false => _ = self.only_if(false, Self::expression)?,
            }
            return Ok(Value::Unknown);
        }
        Ok(value)
    }

    fn either(&mut self) -> Evaluated {
        let mut value = self.both()?;
        while let Some(mark) = self.takes_one_of(&["||", "??"]) {
            let holds = match mark == "??" && value != Value::Unknown {
                true => Some(value != Value::Nothing),
                false => value.holds(),
            };
            let other = self.only_if(holds == Some(false), Self::both)?;
            value = Value::chosen(holds, value, other);
        }
        Ok(value)
    }

    fn both(&mut self) -> Evaluated {
        let mut value = self.equality()?;
        while self.takes("&&") {
            let holds = value.holds();
            let other = self.only_if(holds == Some(true), Self::equality)?;
            value = Value::chosen(holds, other, value);
        }
        Ok(value)
    }

    fn equality(&mut self) -> Evaluated {
        let mut value = self.comparison()?;
        while let Some(mark) = self.takes_one_of(&["==", "===", "!=", "!=="]) {
            let other = self.comparison()?;
            value = match value == Value::Unknown || other == Value::Unknown {
                true => Value::Unknown,
                false => Value::Flag((value == other) == mark.starts_with('=')),
            };
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Evaluated {
        let mut value = self.sum()?;
        while let Some(operator) = self.takes_one_of(&["<", ">", "<=", ">=", "in", "instanceof"]) {
            value = match (operator, value, self.sum()?) {
                ("<", Value::Number(one), Value::Number(other)) => Value::Flag(one < other),
                (">", Value::Number(one), Value::Number(other)) => Value::Flag(one > other),
                ("<=", Value::Number(one), Value::Number(other)) => Value::Flag(one <= other),
                (">=", Value::Number(one), Value::Number(other)) => Value::Flag(one >= other),
                _ => Value::Unknown,
            };
        }
        Ok(value)
    }

    fn sum(&mut self) -> Evaluated {
        let mut value = self.prefixed()?;
        while let Some(mark) = self.takes_one_of(&["+", "-", "*", "/", "%"]) {
            let other = self.prefixed()?;
            value = if mark == "+" { value.plus(&other) } else { Value::Unknown };
        }
        Ok(value)
    }

    fn prefixed(&mut self) -> Evaluated {
        let Some(operator) = self.takes_one_of(&["!", "-", "+", "typeof", "void", "delete", "new", "await"]) else {
            return self.chain();
        };
        let value = self.deeper(Self::prefixed)?;
        Ok(match (operator, value.holds(), value) {
            ("!", Some(holds), _) => Value::Flag(!holds),
            ("-", _, Value::Number(number)) => Value::Number(-number),
            _ => Value::Unknown,
        })
    }

    /// A value, with the calls and members that follow it.
    fn chain(&mut self) -> Evaluated {
        let place = self.place();
        let mut path = String::new();
        let mut value = match self.next() {
            Token::Text(text) => Value::Text(text),
            Token::Number(number) => number.map_or(Value::Unknown, Value::Number),
            Token::Opaque => Value::Unknown,
            Token::Mark("(") => {
                self.at -= 1;
                self.arguments()?.pop().unwrap_or(Value::Nothing)
            }
            Token::Mark("[" | "{") => {
                self.at -= 1;
                self.balanced()?;
                Value::Unknown
            }
            Token::Word(word) => match word.as_str() {
                "true" => Value::Flag(true),
                "false" => Value::Flag(false),
                "null" | "undefined" => Value::Nothing,
                "function" | "class" => {
                    self.skip(&word)?;
                    Value::Unknown
                }
                _ => {
                    let value = self.variables.get(&word).cloned().unwrap_or(Value::Unknown);
                    path = word;
                    value
                }
            },
            other @ (Token::Mark(_) | Token::End) => {
                let message = format!("{}; expected a value: Thunderbird cannot read the script", other.shown());
                self.findings.add(codes::CONFIG_SYNTAX, Some(place), message, "correct the script there");
                return Err(Refused);
            }
        };
        loop {
            if self.takes_one_of(&[".", "?."]).is_some() {
                if let Token::Word(member) = self.peek().clone() {
                    self.next();
                    let on_text = matches!(value, Value::Text(_)) && self.is("(");
                    path = if path.is_empty() { member.clone() } else { format!("{path}.{member}") };
                    value = if on_text { self.method(&member, value)? } else { Value::Unknown };
                }
            } else if self.is("[") {
                self.balanced()?;
                value = Value::Unknown;
            } else if self.is("(") {
                let arguments = self.arguments()?;
                value = self.call(&path, arguments, place);
            } else if self.takes_one_of(&["++", "--"]).is_some() {
                value = Value::Unknown;
            } else {
                return Ok(value);
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Value>, Refused> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        while !self.is(")") {
            arguments.push(self.expression()?);
            if !self.takes(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(arguments)
    }

    /// What scripts do to a name from the environment.
    fn method(&mut self, name: &str, value: Value) -> Evaluated {
        let arguments = self.arguments()?;
        let Value::Text(text) = value else { return Ok(Value::Unknown) };
        Ok(match (name, arguments.is_empty()) {
            ("toLowerCase", true) => Value::Text(text.to_lowercase()),
            ("toUpperCase", true) => Value::Text(text.to_uppercase()),
            ("trim", true) => Value::Text(text.trim().to_owned()),
            _ => Value::Unknown,
        })
    }

    fn call(&mut self, name: &str, arguments: Vec<Value>, place: Place) -> Value {
        if !self.is_live {
            return Value::Unknown;
        }
        let mut arguments = arguments.into_iter();
        let (first, second) = (arguments.next(), arguments.next());
        match (name, first) {
            ("pref" | "defaultPref" | "lockPref", Some(Value::Text(key))) => {
                self.set(name, key, second.unwrap_or(Value::Nothing), place);
                Value::Nothing
            }
            ("unlockPref", Some(Value::Text(key))) => {
                self.preferences.0.entry(key).and_modify(|preference| preference.is_locked = false);
                Value::Nothing
            }
            ("clearPref", Some(Value::Text(key))) => {
                if self.preferences.get(&key).is_some_and(|preference| !preference.is_default) {
                    self.preferences.0.remove(&key);
                }
                Value::Nothing
            }
            ("getPref", Some(Value::Text(key))) => {
                self.preferences.get(&key).map_or(Value::Nothing, |preference| preference.value.clone())
            }
            ("getenv", Some(Value::Text(variable))) => (self.environment)(&variable),
            ("encodeURIComponent", Some(Value::Text(text))) => {
                Value::Text(percent_encoding::utf8_percent_encode(&text, COMPONENT).to_string())
            }
            ("String", Some(text @ Value::Text(_))) => text,
            ("displayError" | "setLDAPVersion", _) => Value::Nothing,
            (name, _) => {
                let name = if name.is_empty() { "a function" } else { name };
                self.passes_over(place, &format!("the call of {name}"));
                Value::Unknown
            }
        }
    }

    fn set(&mut self, function: &str, key: String, value: Value, place: Place) {
        if value == Value::Unknown {
            self.passes_over(place, &format!("the value of {}", shown(&key)));
        }
        let known = self.preferences.get(&key);
        let is_default = function != "pref";
        // A value of the person's own hides a default one; a locked preference is the default one.
        let hides = known.is_some_and(|known| !known.is_default) && function == "defaultPref";
        let held = known.is_some_and(|known| known.is_locked) && function == "pref";
        if value != Value::Nothing && !hides && !held {
            let is_locked = function == "lockPref" || known.is_some_and(|known| known.is_locked);
            self.preferences.0.insert(key, Preference { value, place, is_default, is_locked });
        }
    }
}

/// Deeper than any real script, and safe for the stack.
const DEPTH_MAX: usize = 64;
/// What `encodeURIComponent` leaves as it is (ECMA-262, 19.2.6.4).
const COMPONENT: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');
