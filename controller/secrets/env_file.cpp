// The dotenv reader: a cursor over the text that counts lines, and never quotes what it saw.
// It expands nothing and runs nothing.
#include "controller/secrets/env_file.hpp"

#include <optional>

#include "controller/base/files.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t bytes_max = 65'536;
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789.-";

class EnvReader {
 public:
    EnvReader(std::string_view text, const std::string& where) : rest_(text), where_(where) {}

    Result<Secrets> read() {
        Secrets secrets;
        while (skip_to_content()) {
            const int line = line_;
            const std::string name = TRY(read_name());
            std::string value = TRY(read_value());
            TRY(expect_line_end());
            if (value.find('\0') != std::string::npos) return wrong("the value holds a NUL", line);
            if (!secrets.emplace(name, Secret(std::move(value))).second) {
                return wrong("the name is given twice", line);
            }
        }
        return secrets;
    }

 private:
    [[nodiscard]] tl::unexpected<Error> wrong(const std::string& why, int line) const {
        return fail(ErrorKind::invalid, "cannot read secrets: " + why,
                    "Write one NAME=value a line; quote values that hold spaces, quotes or #.",
                    where_ + ":" + std::to_string(line));
    }

    [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }

    void advance(std::size_t count) {
        for (const char character : rest_.substr(0, count)) {
            if (character == '\n') ++line_;
        }
        rest_.remove_prefix(std::min(count, rest_.size()));
    }

    void skip(std::string_view characters) {
        advance(std::min(rest_.find_first_not_of(characters), rest_.size()));
    }

    /// Past empty lines and comments. False: the text has ended.
    bool skip_to_content() {
        while (true) {
            skip(" \t\r\n");
            if (front() != '#') return !rest_.empty();
            advance(std::min(rest_.find('\n'), rest_.size()));
        }
    }

    Result<std::string> read_name() {
        if (rest_.starts_with("export ") || rest_.starts_with("export\t")) {
            advance(7);
            skip(" \t");
        }
        const auto length = std::min(rest_.find_first_not_of(name_characters), rest_.size());
        if (length == 0 || letters.find(front()) == std::string_view::npos) {
            return wrong("the line does not begin with a name", line_);
        }
        const std::string name(rest_.substr(0, length));
        advance(length);
        if (front() != '=') return wrong("the name is not followed by '='", line_);
        advance(1);
        return name;
    }

    Result<std::string> read_value() {
        skip(" \t");
        if (front() == '\'') return read_single_quoted();
        if (front() == '"') return read_double_quoted();
        std::string_view value = rest_.substr(0, std::min(rest_.find('\n'), rest_.size()));
        advance(value.size());
        if (value.starts_with('#')) return std::string();
        const auto comment = std::min(value.find(" #"), value.find("\t#"));
        value = value.substr(0, comment);
        const auto last = value.find_last_not_of(" \t\r");
        return std::string(value.substr(0, last == std::string_view::npos ? 0 : last + 1));
    }

    Result<std::string> read_single_quoted() {
        const int line = line_;
        advance(1);
        const auto end = rest_.find('\'');
        if (end == std::string_view::npos) return wrong("a quote is not closed", line);
        std::string value(rest_.substr(0, end));
        advance(end + 1);
        return value;
    }

    Result<std::string> read_double_quoted() {
        const int line = line_;
        advance(1);
        std::string value;
        while (!rest_.empty() && front() != '"') {
            if (front() == '\\' && rest_.size() > 1) {
                value += unescaped(rest_[1]);
                advance(2);
            } else {
                value += front();
                advance(1);
            }
        }
        if (rest_.empty()) return wrong("a quote is not closed", line);
        advance(1);
        return value;
    }

    static std::string unescaped(char escaped) {
        switch (escaped) {
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 't':
                return "\t";
            case '\\':
            case '"':
            case '$':
            case '`':
                return {escaped};
            default:
                return {'\\', escaped};
        }
    }

    Result<void> expect_line_end() {
        skip(" \t\r");
        if (front() == '#') advance(std::min(rest_.find('\n'), rest_.size()));
        if (!rest_.empty() && front() != '\n') {
            return wrong("something follows the closing quote", line_);
        }
        return {};
    }

    std::string_view rest_;
    const std::string& where_;
    int line_{1};
};

std::string quoted(const std::string& value) {
    std::string text = "\"";
    for (const char character : value) {
        if (character == '\n') {
            text += "\\n";
        } else if (character == '\r') {
            text += "\\r";
        } else {
            if (std::string_view("\\\"$`").find(character) != std::string_view::npos) text += '\\';
            text += character;
        }
    }
    return text + "\"";
}

}  // namespace

Result<Secrets> load_env_text(std::string_view text, const std::string& where) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // editors on other systems
    return EnvReader(text, where).read();
}

Secret print_env_text(const Secrets& secrets) {
    std::string text;
    for (const auto& [name, value] : secrets) {
        text += name + "=" + quoted(value.reveal()) + "\n";
    }
    return Secret(std::move(text));
}

Result<Secrets> load_env_file(const std::filesystem::path& path) {
    if (!path.is_absolute()) {
        return fail(ErrorKind::invalid,
                    "cannot read secrets file " + path.string() + ": not an absolute path");
    }
    const Secret text = TRY(read_secret_file(path, bytes_max));
    return load_env_text(text.reveal(), path.string());
}

Secrets merged(Secrets under, const Secrets& over) {
    for (const auto& [name, value] : over) under.insert_or_assign(name, value);
    return under;
}

}  // namespace matriarch::controller
