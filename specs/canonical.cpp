// Writes an instance by visiting fields.hpp. Text is quoted wherever YAML might read it as anything
// but that text.
#include "specs/canonical.hpp"

#include "specs/fields.hpp"
#include "specs/values/digest.hpp"

namespace matriarch::specs {
namespace {

bool is_plain(std::string_view text) {
    if (text.empty() || text == "null" || text == "Null" || text == "NULL") return false;
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    if (!is_letter(text.front()) && text.front() != '/') return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_inner = text[i] == ' ' || text[i] == ':';
        if (is_inner && (i + 1 == text.size() || text[i + 1] == ' ')) return false;
        if (!is_inner && !is_letter(text[i]) &&
            std::string_view("._/@+-").find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

/// As YAML's double quotes want it; bytes above 127 stay as they are.
std::string scalar(std::string_view text) {
    if (is_plain(text)) return std::string(text);
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string quoted = "\"";
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        if (letter == '"' || letter == '\\') {
            quoted += '\\';
            quoted += letter;
        } else if (byte < 0x20 || byte == 0x7F) {
            quoted += "\\x";
            quoted += digits[byte >> 4U];
            quoted += digits[byte & 15U];
        } else {
            quoted += letter;
        }
    }
    return quoted + '"';
}

class Writer {
 public:
    explicit Writer(std::size_t indent) : indent_(indent) {}

    [[nodiscard]] const std::string& text() const { return text_; }

    void field(std::string_view key, const std::string& value, std::string_view, const Form&) {
        if (!value.empty()) line(key, scalar(value));
    }
    void field(std::string_view key, std::int64_t value, std::string_view, Range) {
        line(key, std::to_string(value));
    }
    void field(std::string_view key, bool value, std::string_view) {
        line(key, value ? "true" : "false");
    }
    void field(std::string_view key, Bytes value, std::string_view, Sizes) {
        line(key, to_text(value));
    }
    void field(std::string_view key, Cpus value, std::string_view) { line(key, to_text(value)); }
    void field(std::string_view key, Duration value, std::string_view, Spans) {
        line(key, matriarch::to_text(value));
    }
    void field(std::string_view key, const Schedule& value, std::string_view) {
        if (!value.text.empty()) line(key, scalar(value.text));
    }
    void field(std::string_view key, const Version& value, std::string_view) {
        line(key, scalar(to_text(value)));
    }
    void field(std::string_view key, const ImageRef& value, std::string_view) {
        if (!value.is_empty()) line(key, scalar(to_text(value)));
    }
    void field(std::string_view key, const std::vector<std::string>& value, std::string_view,
               const Form&) {
        std::string list;
        for (const std::string& item : value) list += (list.empty() ? "" : ", ") + scalar(item);
        line(key, "[" + list + "]");
    }
    void field(std::string_view key, const std::map<std::string, std::string>& value,
               std::string_view, const Form&) {
        Writer inner(indent_ + 2);
        for (const auto& [name, text] : value) inner.line(name, scalar(text));
        nested(key, inner);
    }
    template <class E>
    void choice(std::string_view key, const E& value, std::string_view, Words<E> words) {
        for (const Word<E>& word : words) {
            if (word.value == value) line(key, std::string(word.text));
        }
    }
    template <class S>
    void section(std::string_view key, S& value, std::string_view) {
        Writer inner(indent_ + 2);
        describe(inner, value);
        nested(key, inner);
    }
    template <class S>
    void section_or_word(std::string_view key, S& value, std::string_view word, bool is_word,
                         std::string_view sentence) {
        if (is_word) {
            line(key, std::string(word));
        } else {
            section(key, value, sentence);
        }
    }
    template <class S>
    void named(std::string_view key, std::vector<S>& values, std::string_view sentence,
               const Form&) {
        Writer inner(indent_ + 2);
        for (S& value : values) inner.section(value.name, value, sentence);
        nested(key, inner);
    }
    template <class S>
    void list(std::string_view key, std::vector<S>& values, std::string_view) {
        Writer entries(indent_);
        for (S& value : values) {
            Writer inner(indent_ + 4);
            describe(inner, value);
            entries.text_ += inner.text_;
            entries.text_[entries.text_.size() - inner.text_.size() + indent_ + 2] = '-';
        }
        nested(key, entries);
    }

 private:
    void line(std::string_view key, const std::string& value) {
        text_ += std::string(indent_, ' ') + scalar(key) + ": " + value + "\n";
    }
    void nested(std::string_view key, const Writer& inner) {
        if (inner.text_.empty()) return;
        text_ += std::string(indent_, ' ') + scalar(key) + ":\n" + inner.text_;
    }

    std::size_t indent_{0};
    std::string text_{};
};

}  // namespace

std::string canonical_text(const Instance& instance) {
    Instance copy = instance;  // visitors are written for readers, which change what they visit
    Writer writer(0);
    describe(writer, copy);
    return writer.text();
}

std::string digest(const Instance& instance) {
    return sha256(canonical_text(instance));
}

}  // namespace matriarch::specs
