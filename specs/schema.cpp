// JSON Schema (draft 2020-12) by visiting fields.hpp, so that an editor knows what the parser
// knows. JSON is written by hand here: this folder has no JSON library, and a schema needs none.
#include "specs/catalogue.hpp"
#include "specs/fields.hpp"
#include "specs/specs.hpp"

namespace matriarch::specs {
namespace {

std::string quoted(std::string_view text) {
    std::string json = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') json += '\\';
        json += letter;  // definitions hold no control characters
    }
    return json + '"';
}

/// An object under construction; members keep their order, nested ones are indented.
class Object {
 public:
    Object& add(std::string_view key, const std::string& json) {
        text_ += text_.empty() ? "\n  " : ",\n  ";
        text_ += quoted(key) + ": ";
        for (const char letter : json) {
            text_ += letter;
            if (letter == '\n') text_ += "  ";
        }
        return *this;
    }
    [[nodiscard]] std::string json() const { return text_.empty() ? "{}" : "{" + text_ + "\n}"; }

 private:
    std::string text_{};
};

std::string array_of(const std::vector<std::string>& items) {
    std::string json;
    for (const std::string& item : items) json += (json.empty() ? "" : ", ") + item;
    return "[" + json + "]";
}

std::string whole(std::string_view pattern) {
    return "^(" + std::string(pattern) + ")$";
}

Object typed(const char* type, std::string_view sentence) {
    Object object;
    object.add("description", quoted(sentence)).add("type", quoted(type));
    return object;
}

Object patterned(std::string_view sentence, std::string_view pattern) {
    Object object = typed("string", sentence);
    object.add("pattern", quoted(pattern));
    return object;
}

class SchemaWriter {
 public:
    [[nodiscard]] Object object(std::string_view sentence) const {
        Object object = typed("object", sentence);
        object.add("properties", properties_.json()).add("additionalProperties", "false");
        if (!required_.empty()) object.add("required", array_of(required_));
        return object;
    }

    void field(std::string_view key, const std::string& value, std::string_view sentence,
               const Form& form) {
        Object text = patterned(sentence, whole(form.pattern));
        text.add("maxLength", std::to_string(form.length_max));
        if (form.is_required) required_.push_back(quoted(key));
        if (!value.empty()) text.add("default", quoted(value));
        properties_.add(key, text.json());
    }
    void field(std::string_view key, std::int64_t value, std::string_view sentence, Range range) {
        Object number = typed("integer", sentence);
        number.add("minimum", std::to_string(range.first));
        number.add("maximum", std::to_string(range.last));
        properties_.add(key, number.add("default", std::to_string(value)).json());
    }
    void field(std::string_view key, bool value, std::string_view sentence) {
        Object truth = typed("boolean", sentence);
        properties_.add(key, truth.add("default", value ? "true" : "false").json());
    }
    void field(std::string_view key, Bytes value, std::string_view sentence, Sizes sizes) {
        const std::string bounds = std::string(sentence) + " From " + to_text(sizes.first) +
                                   " to " + to_text(sizes.last) + ".";
        Object size = patterned(bounds, "^[0-9]+(\\.[0-9]{1,3})?(TiB|GiB|MiB|KiB|TB|GB|MB|kB|B)$");
        properties_.add(key, size.add("default", quoted(to_text(value))).json());
    }
    void field(std::string_view key, Cpus value, std::string_view sentence) {
        Object cpus;
        cpus.add("description", quoted(sentence)).add("type", "\"number\"");
        properties_.add(key, cpus.add("minimum", "0").add("default", to_text(value)).json());
    }
    void field(std::string_view key, Duration value, std::string_view sentence, Spans) {
        Object duration = patterned(sentence, "^([0-9]+[wdhms])+$");
        properties_.add(key, duration.add("default", quoted(matriarch::to_text(value))).json());
    }
    void field(std::string_view key, const Schedule& value, std::string_view sentence) {
        Object schedule =
            patterned(std::string(sentence) + " Five-field cron or a word; a time zone may follow.",
                      "^(@(hourly|daily|weekly|monthly)|[^@\\s]+( +[^\\s]+){4})"
                      "( +(UTC|[A-Z][A-Za-z]*/[A-Za-z0-9_/+-]+))?$");
        properties_.add(key, schedule.add("default", quoted(value.text)).json());
    }
    void field(std::string_view key, const Version&, std::string_view sentence) {
        required_.push_back(quoted(key));
        Object version = patterned(sentence, "^v[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?$");
        std::vector<std::string> known;
        const auto releases = catalogue::releases();
        for (auto at = releases.rbegin(); at != releases.rend() && known.size() < 10; ++at) {
            known.push_back(quoted(to_text((*at)->version)));
        }
        properties_.add(key, version.add("examples", array_of(known)).json());
    }
    void field(std::string_view key, const ImageRef&, std::string_view sentence) {
        properties_.add(key, patterned(sentence, "^[A-Za-z0-9][A-Za-z0-9._:/@-]*$").json());
    }
    void field(std::string_view key, const std::vector<std::string>& value,
               std::string_view sentence, const Form& form) {
        std::vector<std::string> items;
        for (const std::string& item : value) items.push_back(quoted(item));
        Object item;
        item.add("type", "\"string\"").add("pattern", quoted(whole(form.pattern)));
        Object array = typed("array", sentence);
        array.add("items", item.json()).add("uniqueItems", "true").add("minItems", "1");
        if (!items.empty()) array.add("default", array_of(items));
        if (form.is_required) required_.push_back(quoted(key));
        Object either;
        either.add("oneOf", array_of({item.json(), array.json()}));
        properties_.add(key, form.may_be_single ? either.json() : array.json());
    }
    void field(std::string_view key, const std::map<std::string, std::string>&,
               std::string_view sentence, const Form& form) {
        Object name;
        name.add("pattern", quoted(whole(form.pattern)));
        Object map = typed("object", sentence);
        map.add("propertyNames", name.json());
        map.add("additionalProperties", "{\"type\": [\"string\", \"number\", \"boolean\"]}");
        properties_.add(key, map.json());
    }
    template <class E>
    void choice(std::string_view key, const E& value, std::string_view sentence, Words<E> words) {
        std::string meanings(sentence);
        std::vector<std::string> texts;
        std::string chosen;
        for (const Word<E>& word : words) {
            texts.push_back(quoted(word.text));
            meanings += " " + std::string(word.text) + ": " + std::string(word.meaning) + ".";
            if (word.value == value) chosen = word.text;
        }
        Object object = typed("string", meanings);
        properties_.add(key,
                        object.add("enum", array_of(texts)).add("default", quoted(chosen)).json());
    }
    template <class S>
    void section(std::string_view key, S& value, std::string_view sentence) {
        SchemaWriter inner;
        describe(inner, value);
        properties_.add(key, inner.object(sentence).json());
        // What is required inside is missed as well when the whole section is.
        if (!inner.required_.empty()) required_.push_back(quoted(key));
    }
    template <class S>
    void section_or_word(std::string_view key, S& value, std::string_view word, bool,
                         std::string_view sentence) {
        SchemaWriter inner;
        describe(inner, value);
        Object constant;
        constant.add("const", quoted(word));
        Object either;
        either.add("description", quoted(sentence));
        either.add("oneOf", array_of({constant.json(), inner.object(sentence).json()}));
        properties_.add(key, either.json());
    }
    template <class S>
    void list(std::string_view key, const std::vector<S>&, std::string_view sentence) {
        SchemaWriter inner;
        S entry{};
        describe(inner, entry);
        Object array = typed("array", sentence);
        properties_.add(key, array.add("items", inner.object("One of them.").json()).json());
    }
    template <class S>
    void named(std::string_view key, std::vector<S>& values, std::string_view sentence,
               const Form& form) {
        SchemaWriter inner;
        describe(inner, values.front());
        Object name;
        name.add("pattern", quoted(whole(form.pattern)));
        Object map = typed("object", sentence);
        map.add("propertyNames", name.json());
        map.add("additionalProperties", inner.object("One group of containers.").json());
        properties_.add(key, map.json());
    }

 private:
    Object properties_{};
    std::vector<std::string> required_{};
};

}  // namespace

std::string json_schema() {
    Instance defaults = defaults_for(catalogue::releases().back()->version);
    SchemaWriter writer;
    describe(writer, defaults);
    const Object body = writer.object("One Mastodon server, as matriarch keeps it.");
    std::string json = body.json();
    // The head of the document goes in front of the members that every object has.
    json.insert(1,
                "\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                "  \"title\": \"matriarch instance file\",");
    return json + "\n";
}

}  // namespace matriarch::specs
