// Reader: takes typed fields out of a node, and finds everything that is wrong with it at once.
//
// It is a visitor of fields.hpp. What it cannot read it leaves at its default and reports; it never
// repeats text from a field that could hold a secret.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "specs/field_rules.hpp"
#include "specs/findings.hpp"
#include "specs/image.hpp"
#include "specs/instance.hpp"
#include "specs/node.hpp"

namespace matriarch::specs {

class Reader {
 public:
    /// Reads a map (or nothing: then only what is required is missed). `path` is "" for a file.
    Reader(const Node& node, std::string path, Findings& findings);

    void field(std::string_view key, std::string& value, std::string_view sentence,
               const Form& form);
    void field(std::string_view key, int& value, std::string_view sentence, Range range);
    void field(std::string_view key, std::int64_t& value, std::string_view sentence, Range range);
    void field(std::string_view key, bool& value, std::string_view sentence);
    void field(std::string_view key, Bytes& value, std::string_view sentence, Sizes sizes);
    void field(std::string_view key, Cpus& value, std::string_view sentence);
    void field(std::string_view key, Duration& value, std::string_view sentence, Spans spans);
    void field(std::string_view key, Schedule& value, std::string_view sentence);
    void field(std::string_view key, Version& value, std::string_view sentence);
    void field(std::string_view key, ImageRef& value, std::string_view sentence);
    void field(std::string_view key, std::vector<std::string>& value, std::string_view sentence,
               const Form& form);
    void field(std::string_view key, std::map<std::string, std::string>& value,
               std::string_view sentence, const Form& form);

    template <class E>
    void choice(std::string_view key, E& value, std::string_view, Words<E> words) {
        std::vector<std::string> texts;
        for (const Word<E>& word : words) texts.emplace_back(word.text);
        const Node* node = scalar(key, "one of " + joined(texts));
        if (node == nullptr) return;
        for (const Word<E>& word : words) {
            if (word.text != node->text) continue;
            value = word.value;
            return;
        }
        refuse_word(key, *node, texts);
    }

    template <class S>
    void section(std::string_view key, S& value, std::string_view) {
        const Node node = map_or_nothing(key);
        Reader reader(node, path_of(key), findings_);
        describe(reader, value);
        reader.finish();
    }

    template <class S>
    void section_or_word(std::string_view key, S& value, std::string_view word, bool& is_word,
                         std::string_view sentence) {
        const Node* node = node_.find(key);
        if (node == nullptr || !node->is_scalar() || node->text != word) {
            section(key, value, sentence);
            return;
        }
        static_cast<void>(take(key));
        is_word = true;
    }

    /// Every group starts as the first of `values`, the default group.
    template <class S>
    void named(std::string_view key, std::vector<S>& values, std::string_view, const Form& form) {
        const Node node = map_or_nothing(key);
        if (node.items.empty()) return;
        const S base = values.front();
        values.clear();
        for (const Node& item : node.items) {
            const std::string path = path_of(key) + "." + item.key;
            if (!is_good_name(path, item, form) || !is_map(path, item)) continue;
            findings_.remember(path, item.key_place);
            S value = base;
            value.name = item.key;
            Reader reader(item, path, findings_);
            describe(reader, value);
            reader.finish();
            values.push_back(std::move(value));
        }
        sort_by_name(values);
    }

    /// Maps without names; messages number them from 1.
    template <class S>
    void list(std::string_view key, std::vector<S>& values, std::string_view) {
        const Node* node = take(key);
        if (node == nullptr) return;
        if (!node->is_sequence()) {
            refuse(key, *node, "a list", "Write a list, each entry behind a '-'.");
            return;
        }
        values.clear();
        for (const Node& item : node->items) {
            const std::string path = path_of(key) + "." + std::to_string(values.size() + 1);
            values.emplace_back();
            if (!is_map(path, item)) continue;
            findings_.remember(path, item.place);
            Reader reader(item, path, findings_);
            describe(reader, values.back());
            reader.finish();
        }
    }

    /// Reports keys that no field has taken. Call it once, after describe().
    void finish();

 private:
    [[nodiscard]] std::string path_of(std::string_view key) const;
    /// The value of a key, which then counts as known; nullptr where it is not written.
    const Node* take(std::string_view key);
    /// As take(), but reports anything that is not a scalar.
    const Node* scalar(std::string_view key, const std::string& expected);
    Node map_or_nothing(std::string_view key);
    bool is_map(const std::string& path, const Node& node);
    bool is_good_name(const std::string& path, const Node& node, const Form& form);
    void refuse(std::string_view key, const Node& node, const std::string& expected,
                std::string hint = {});
    void refuse_word(std::string_view key, const Node& node, const std::vector<std::string>& words);
    void refuse_missing(std::string_view key, std::string_view sentence);
    [[nodiscard]] static std::string joined(const std::vector<std::string>& words);

    template <class S>
    static void sort_by_name(std::vector<S>& values) {
        std::map<std::string, S> sorted;
        for (S& value : values) sorted.emplace(value.name, std::move(value));
        values.clear();
        for (auto& [name, value] : sorted) values.push_back(std::move(value));
    }

    const Node& node_;
    std::string path_{};
    Findings& findings_;
    std::vector<std::string> known_{};
};

}  // namespace matriarch::specs
