#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::variables::{Variables, id};
use super::{AccountDocumentError, Problem, beside_event, expand, merge};

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is not an object"),
    }
}

fn merged(target: Value, patch: Value) -> Result<Value, Problem> {
    let mut target = object(target);
    merge::merge(&mut target, object(patch), "patch").map(|()| Value::Object(target))
}

fn expanded(account: Value, values: Value) -> Result<Value, Problem> {
    let mut variables = Variables::default();
    let from_event = [("instance", "/detail/instanceId"), ("severity", "/detail/severity"), ("gone", "/detail/gone")];
    let from_event = from_event.map(|(name, pointer)| (name.to_owned(), Some(pointer.to_owned())));
    variables.set(from_event.into(), object(values))?;
    let event = json!({"detail": {"instanceId": "i-1", "severity": 8, "gone": null}});
    expand::account(object(account), &mut variables.reader(&event))
}

#[test]
fn a_patch_is_merged_as_rfc_7396_says() {
    let base = json!({"Volumes[]": {"root": {"Size": 8, "Iops": 3000}, "data": {"Size": 20}, "logs": {"Size": 1}, "tmp": {"Size": 2}}, "Tags": [1]});
    let patch = json!({"Volumes[]": {"root": {"Size": 16}, "data": null, "swap": {"Size": 4}}, "Tags": [{"a": null}]});
    let expected = json!({
        "Volumes[]": {"root": {"Size": 16, "Iops": 3000}, "logs": {"Size": 1}, "tmp": {"Size": 2}, "swap": {"Size": 4}}, "Tags": [{"a": null}],
    });
    let merged = merged(base, patch).unwrap();
    assert_eq!(merged, expected);
    // What stays keeps its place, what is new comes last.
    assert_eq!(object(merged["Volumes[]"].clone()).keys().collect::<Vec<_>>(), ["root", "logs", "tmp", "swap"]);
}

#[test]
fn a_patch_that_changes_nothing_is_refused() {
    let base = || json!({"a": {"b": 1, "c": {}}});
    let unchanged = |place: &str| Err(Problem::Unchanged { place: place.to_owned() });
    assert_eq!(merged(base(), json!({"a": {"b": 1}})), unchanged("patch.a.b"));
    assert_eq!(merged(base(), json!({"a": {}})), unchanged("patch.a"));
    let nothing = |place: &str| Err(Problem::NothingToRemove { place: place.to_owned() });
    assert_eq!(merged(base(), json!({"a": {"d": null}})), nothing("patch.a.d"));
    assert_eq!(merged(base(), json!({"e": {"f": {"g": null}}})), nothing("patch.e.f.g"));
    assert_eq!(merged(base(), json!({"a": {"b": {"g": null}}})), nothing("patch.a.b.g"));
}

#[test]
fn lists_by_names_become_lists_in_their_order() {
    let account = json!({"Reservations[]": {"web": {"Instances[]": {"z": {"n": 1}, "a": {"n": 2}}}}, "Plain": [{"In[]": {"x": 3}}]});
    let expected = json!({"Reservations": [{"Instances": [{"n": 1}, {"n": 2}]}], "Plain": [{"In": [3]}]});
    assert_eq!(expanded(account, json!({})), Ok(expected));
    let wrong = expanded(json!({"a": {"Volumes[]": [1]}}), json!({}));
    assert_eq!(wrong, Err(Problem::ListForm { place: "a.Volumes[]".to_owned() }));
    let twice = expanded(json!({"a": {"Volumes[]": {}, "Volumes": []}}), json!({}));
    assert_eq!(twice, Err(Problem::MemberTwice { place: "a.Volumes".to_owned() }));
}

#[test]
fn variables_are_filled_in() {
    let account = json!({
        "whole": "<severity>", "inside": "arn:<region>:<instance>/<severity>", "<instance>": {"list": ["<groups>"]},
        "not": "a < b > c, <Html>, <>", "empty": "<none><severity>",
    });
    let expected = json!({
        "whole": 8, "inside": "arn:eu-west-1:i-1/8", "i-1": {"list": [["sg-1"]]},
        "not": "a < b > c, <Html>, <>", "empty": "8",
    });
    assert_eq!(expanded(account, json!({"region": "eu-west-1", "groups": ["sg-1"], "none": ""})), Ok(expected));
}

#[test]
fn variables_without_a_value_are_named() {
    let (place, name) = ("a".to_owned(), "region".to_owned());
    assert_eq!(expanded(json!({"a": "<region>a"}), json!({})), Err(Problem::UnknownVariable { place, name }));
    let (place, name, pointer) = ("a".to_owned(), "gone".to_owned(), "/detail/gone".to_owned());
    assert_eq!(expanded(json!({"a": "<gone>"}), json!({})), Err(Problem::NotInEvent { place, name, pointer }));
    let (place, name) = ("a".to_owned(), "list".to_owned());
    assert_eq!(expanded(json!({"a": "x <list>"}), json!({"list": []})), Err(Problem::NotText { place, name }));
    let twice = expanded(json!({}), json!({"instance": "i-2"}));
    assert_eq!(twice, Err(Problem::VariableTwice { name: "instance".to_owned() }));
}

#[test]
fn an_id_is_made_from_its_name_unless_it_is_given() {
    // The first sixteen digits of `printf suspect | sha256sum`.
    assert_eq!(id("vol", "suspect"), "vol-0982776aa0b872d5a");
    let account = || json!({"a": "<vol:suspect>"});
    assert_eq!(expanded(account(), json!({})), Ok(json!({"a": id("vol", "suspect")})));
    assert_eq!(expanded(account(), json!({"vol:suspect": "vol-1"})), Ok(json!({"a": "vol-1"})));
}

/// A folder `base-accounts` with a base `web`, and beside it a scenario with a patch.
struct Fixtures(PathBuf);

impl Fixtures {
    fn new(name: &str, patch: &Value) -> Self {
        let root = std::env::temp_dir().join(format!("cordon-account-document-{}-{name}", std::process::id()));
        std::fs::create_dir_all(root.join("base-accounts")).unwrap();
        std::fs::create_dir_all(root.join("guardduty/scenario")).unwrap();
        let fixtures = Self(root);
        fixtures.write("guardduty/scenario/event.json", &json!({"region": "eu-west-1"}));
        fixtures.write("guardduty/scenario/account.patch.json", patch);
        let account =
            json!({"ec2": {"describe-volumes": {"Volumes[]": {"root": {"Zone": "<region>a", "Size": "<size>"}}}}});
        let from_event = json!({"region": "/region"});
        let web = json!({"docs": "A server.", "from_event": from_event, "values": {"size": 8}, "account": account});
        fixtures.write("base-accounts/web.json", &web);
        fixtures
    }

    fn write(&self, path: &str, content: &Value) {
        std::fs::write(self.0.join(path), content.to_string()).unwrap();
    }

    fn read(&self) -> Result<Option<Value>, AccountDocumentError> {
        beside_event(&self.0.join("guardduty/scenario"))
    }

    /// What is wrong, without the folder.
    fn error(&self) -> String {
        self.read().unwrap_err().to_string().replace(&format!("{}/", self.0.display()), "")
    }
}

impl Drop for Fixtures {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_patch_starts_from_a_base_that_starts_from_another() {
    let patch = json!({"ec2": {"describe-volumes": {"Volumes[]": {"root": {"Type": "gp3"}}}}});
    let fixtures = Fixtures::new("chain", &json!({"base": "large", "patch": patch}));
    fixtures
        .write("base-accounts/large.json", &json!({"docs": "A large one.", "base": "web", "values": {"size": 100}}));
    let volumes = json!([{"Zone": "eu-west-1a", "Size": 100, "Type": "gp3"}]);
    let expected = json!({"ec2": {"describe-volumes": {"Volumes": volumes}}});
    assert_eq!(fixtures.read().unwrap(), Some(expected));
}

#[test]
fn a_whole_account_is_taken_as_it_is() {
    let fixtures = Fixtures::new("whole", &json!({"base": "web"}));
    fixtures.write("guardduty/scenario/account.json", &json!({"ec2": {"Volumes[]": "<region>"}}));
    let both = "guardduty/scenario: holds account.json and account.patch.json: remove one of them";
    assert_eq!(fixtures.error(), both);
    std::fs::remove_file(fixtures.0.join("guardduty/scenario/account.patch.json")).unwrap();
    assert_eq!(fixtures.read().unwrap(), Some(json!({"ec2": {"Volumes[]": "<region>"}})));
    std::fs::remove_file(fixtures.0.join("guardduty/scenario/account.json")).unwrap();
    assert_eq!(fixtures.read().unwrap(), None);
}

#[test]
fn errors_say_what_where_and_what_to_do() {
    let here = "guardduty/scenario/account.patch.json";
    for (name, patch, expected) in [
        ("unknown", json!({"base": "wbe"}), "base `wbe` is not known: expected one of `web`"),
        (
            "outside",
            json!({"base": "../web"}),
            "base `../web` is not the name of an account: expected kebab-case such as `web-server`, without a folder",
        ),
        (
            "removal",
            json!({"base": "web", "patch": {"ec2": {"describe-vpcs": null}}}),
            "`patch.ec2.describe-vpcs`: null removes what the base does not have: leave it out",
        ),
        ("same", json!({"base": "web", "values": {"size": 8}}), "`values.size`: the base says the same: leave it out"),
        (
            "unused",
            json!({"base": "web", "values": {"sise": 9}}),
            "variable `sise` is not used: the account has no `<sise>`",
        ),
        (
            "unbound",
            json!({"base": "web", "from_event": {"region": null}}),
            "`ec2.describe-volumes.Volumes[].root.Zone`: variable `region` has no value: add it to `values` or `from_event`",
        ),
        (
            "event",
            json!({"base": "web", "from_event": {"region": "/detail/region"}}),
            "`ec2.describe-volumes.Volumes[].root.Zone`: variable `region` is read from /detail/region of event.json, which has no \
             value there: set it in `values`",
        ),
    ] {
        assert_eq!(Fixtures::new(name, &patch).error(), format!("{here}: {expected}"));
    }
    let cyclic = Fixtures::new("cycle", &json!({"base": "large"}));
    cyclic.write("base-accounts/large.json", &json!({"docs": "A large one.", "base": "larger"}));
    cyclic.write("base-accounts/larger.json", &json!({"docs": "A larger one.", "base": "large"}));
    assert_eq!(
        cyclic.error(),
        "base-accounts/larger.json: `large` → `larger` → `large`: an account cannot start from itself"
    );
    let neither = Fixtures::new("neither", &json!({"base": "empty"}));
    neither.write("base-accounts/empty.json", &json!({"docs": "Nothing."}));
    assert_eq!(
        neither.error(),
        "base-accounts/empty.json: expected either `account`, or `base` with `patch` and `values`"
    );
    let misspelled = Fixtures::new("misspelled", &json!({"base": "web", "pacth": {}}));
    assert!(misspelled.error().starts_with(&format!("{here}: unknown field `pacth`")), "{}", misspelled.error());
}
