// Keys, text and lists; numbers are in reader_numbers.cpp. Messages: "cannot read web.replicas:
// 'two' is not a whole number from 1 to 16"; the place goes in front.
#include "specs/reader.hpp"

#include <algorithm>
#include <span>

#include "specs/schedule.hpp"
#include "specs/text_rules.hpp"
#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

/// What was found, in words that are safe to print.
std::string found(const Node& node, bool may_be_secret = false) {
    if (!node.is_scalar()) return kind_in_words(node);
    if (may_be_secret) return "what is written there";
    return "'" + shown(node.text, shown_bytes) + "'" + (node.is_quoted ? " in quotes" : "");
}

constexpr std::size_t setting_bytes = 4096;  // values that we know of are below 1 KiB

}  // namespace

Reader::Reader(const Node& node, std::string path, Findings& findings)
    : node_(node), path_(std::move(path)), findings_(findings) {
    if (path_.empty()) findings_.remember(path_, node_.place);
}

std::string Reader::path_of(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const Node* Reader::take(std::string_view key) {
    known_.emplace_back(key);
    const Node* node = node_.find(key);
    if (node != nullptr) findings_.remember(path_of(key), node->place);
    return node;
}

const Node* Reader::scalar(std::string_view key, const std::string& expected) {
    const Node* node = take(key);
    if (node == nullptr || node->is_scalar()) return node;
    refuse(key, *node, expected);
    return nullptr;
}

Node Reader::map_or_nothing(std::string_view key) {
    const Node* node = take(key);
    if (node != nullptr && is_map(path_of(key), *node)) return *node;
    Node empty{.kind = Node::Kind::map, .place = node_.place};
    return empty;
}

bool Reader::is_map(const std::string& path, const Node& node) {
    if (node.is_map()) return true;
    findings_.add(node.place,
                  "cannot read " + path + ": a map is expected, but found " + found(node, true),
                  node.is_nothing() ? "Remove the line to get the default." : "");
    return false;
}

bool Reader::is_good_name(const std::string& path, const Node& node, const Form& form) {
    if (matches(node.key, form)) return true;
    findings_.add(node.key_place, "cannot read " + shown(path, shown_bytes) + ": its name is not " +
                                      std::string(form.expected));
    return false;
}

void Reader::refuse(std::string_view key, const Node& node, const std::string& expected,
                    std::string hint) {
    if (hint.empty() && node.is_nothing()) hint = "Remove the line to get the default.";
    findings_.add(node.place,
                  "cannot read " + path_of(key) + ": " + found(node) + " is not " + expected,
                  std::move(hint));
}

void Reader::refuse_word(std::string_view key, const Node& node,
                         const std::vector<std::string>& words) {
    const std::string near = nearest(node.text, words);
    refuse(key, node, "one of " + joined(words),
           near.empty() ? "" : "Did you mean '" + near + "'?");
}

void Reader::refuse_missing(std::string_view key, std::string_view sentence) {
    findings_.add(node_.place,
                  "cannot read " + (path_.empty() ? "the file" : path_) + ": '" + std::string(key) +
                      "' is missing",
                  std::string(sentence));
}

std::string Reader::joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

void Reader::field(std::string_view key, std::string& value, std::string_view sentence,
                   const Form& form) {
    const Node* node = take(key);
    if (node == nullptr) {
        if (form.is_required) refuse_missing(key, sentence);
        return;
    }
    if (node->is_scalar() && matches(node->text, form)) {
        value = node->text;
        return;
    }
    findings_.add(node->place, "cannot read " + path_of(key) + ": " +
                                   found(*node, form.may_be_secret) + " is not " +
                                   std::string(form.expected));
}

void Reader::field(std::string_view key, Schedule& value, std::string_view) {
    const Node* node = scalar(key, "a schedule");
    if (node == nullptr) return;
    const auto cron = parse_cron(node->text);
    if (!cron) {
        findings_.add(node->place, "cannot read " + path_of(key) + ": " + cron.error().message,
                      cron.error().hint);
        return;
    }
    value.text = node->text;
}

void Reader::field(std::string_view key, Version& value, std::string_view sentence) {
    const std::string expected = "a version of Mastodon such as v4.7.5";
    if (node_.find(key) == nullptr) refuse_missing(key, sentence);
    const Node* node = scalar(key, expected);
    if (node == nullptr) return;
    const auto version = parse_version(node->text);
    if (!version) {
        const bool lacks_v = parse_version("v" + node->text).has_value();
        refuse(key, *node, expected, lacks_v ? "Write v" + node->text + "." : version.error().hint);
        return;
    }
    value = *version;
}

void Reader::field(std::string_view key, ImageRef& value, std::string_view) {
    const Node* node = scalar(key, "an image such as ghcr.io/mastodon/mastodon");
    if (node == nullptr) return;
    const auto image = parse_image(node->text);
    if (!image) {
        refuse(key, *node, "an image such as ghcr.io/mastodon/mastodon", image.error().hint);
        return;
    }
    value = *image;
}

void Reader::field(std::string_view key, std::vector<std::string>& value, std::string_view sentence,
                   const Form& form) {
    const Node* node = take(key);
    if (node == nullptr) {
        if (form.is_required) refuse_missing(key, sentence);
        return;
    }
    const bool is_single = form.may_be_single && node->is_scalar();
    if (!is_single && !node->is_sequence()) {
        refuse(key, *node, "a list", "Write a list such as [default, push].");
        return;
    }
    value.clear();
    for (const Node& item : is_single ? std::span(node, 1) : std::span(node->items)) {
        if (!item.is_scalar() || !matches(item.text, form)) {
            refuse(key, item, std::string(form.expected));
        } else if (std::find(value.begin(), value.end(), item.text) != value.end()) {
            findings_.add(item.place, "cannot read " + path_of(key) + ": '" + item.text +
                                          "' is in the list twice");
        } else {
            findings_.remember(path_of(key) + "." + item.text, item.place);
            value.push_back(item.text);
        }
    }
}

void Reader::field(std::string_view key, std::map<std::string, std::string>& value,
                   std::string_view, const Form& form) {
    const Node node = map_or_nothing(key);
    for (const Node& item : node.items) {
        const std::string path = path_of(key) + "." + item.key;
        if (!is_good_name(path, item, form)) continue;
        findings_.remember(path, item.key_place);
        const bool is_one_line = item.text.find_first_of("\r\n\t") == std::string::npos;
        if (!item.is_scalar()) {
            findings_.add(item.place,
                          "cannot read " + path + ": " + kind_in_words(item) + " is not text",
                          "Write \"\" for an empty value.");
        } else if (!is_one_line || item.text.size() > setting_bytes) {
            findings_.add(item.place, "cannot read " + path +
                                          ": its value is not one line of at "
                                          "most " +
                                          std::to_string(setting_bytes) + " bytes");
        } else {
            value[item.key] = item.text;
        }
    }
}

void Reader::finish() {
    for (const Node& item : node_.items) {
        if (std::find(known_.begin(), known_.end(), item.key) != known_.end()) continue;
        const std::string near = nearest(item.key, known_);
        findings_.add(
            item.key_place,
            "cannot read " + (path_.empty() ? "the file" : path_) + ": the key '" +
                shown(item.key, shown_bytes) + "' is not known",
            near.empty() ? "Known keys: " + joined(known_) + "." : "Did you mean '" + near + "'?");
    }
}

}  // namespace matriarch::specs
