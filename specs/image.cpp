// Image references by the grammar of the distribution project (reference.go, "Grammar").
#include "specs/image.hpp"

#include "specs/values/shown.hpp"

namespace matriarch::specs {
namespace {

bool is_lower_or_digit(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

bool is_word(char letter) {
    return is_lower_or_digit(letter) || (letter >= 'A' && letter <= 'Z') || letter == '_';
}

/// Host name or address with an optional port. Brackets of IPv6 are not supported.
bool is_registry(std::string_view text) {
    const auto colon = text.find(':');
    const std::string_view host = text.substr(0, colon);
    if (host.empty() || host.size() > 253) return false;
    for (const char letter : host) {
        if (!is_word(letter) && letter != '.' && letter != '-') return false;
    }
    if (host.find("..") != std::string_view::npos) return false;
    if (host.front() == '.' || host.front() == '-' || host.back() == '.' || host.back() == '-') {
        return false;
    }
    if (colon == std::string_view::npos) return true;
    const std::string_view port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5) return false;
    return port.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Parts of lower-case letters and digits, separated inside by one '.', one or two '_', or '-'s.
bool is_path_part(std::string_view part) {
    if (part.empty() || !is_lower_or_digit(part.front()) || !is_lower_or_digit(part.back())) {
        return false;
    }
    for (std::size_t at = 0; at < part.size();) {
        if (is_lower_or_digit(part[at])) {
            ++at;
            continue;
        }
        const auto end = part.find_first_not_of(part[at], at);
        const std::size_t length = end - at;
        const std::size_t length_max = part[at] == '.' ? 1 : part[at] == '_' ? 2 : 128;
        if (part[at] != '.' && part[at] != '_' && part[at] != '-') return false;
        if (length > length_max || !is_lower_or_digit(part[end])) return false;
        at = end;
    }
    return true;
}

bool is_repository(std::string_view text) {
    if (text.empty() || text.size() > 255) return false;
    while (true) {
        const auto slash = text.find('/');
        if (!is_path_part(text.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        text.remove_prefix(slash + 1);
    }
}

bool is_tag(std::string_view text) {
    if (text.empty() || text.size() > 128 || !is_word(text.front())) return false;
    for (const char letter : text) {
        if (!is_word(letter) && letter != '.' && letter != '-') return false;
    }
    return true;
}

bool is_digest(std::string_view text) {
    constexpr std::string_view algorithm = "sha256:";
    return text.size() == algorithm.size() + 64 && text.starts_with(algorithm) &&
           text.substr(algorithm.size()).find_first_not_of("0123456789abcdef") ==
               std::string_view::npos;
}

}  // namespace

Result<ImageRef> parse_image(std::string_view text) {
    const auto refuse = [&](const char* why) {
        return fail(ErrorKind::invalid, "'" + shown(text, 100) + "' is not an image: " + why,
                    "Write registry/repository, with :tag or @sha256:digest where you want one.");
    };
    if (text.size() > 500) return refuse("it is too long");
    ImageRef image{};
    std::string_view rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        image.digest = std::string(rest.substr(at + 1));
        rest = rest.substr(0, at);
        if (!is_digest(image.digest)) return refuse("its digest is not sha256: and 64 hex digits");
    }
    const auto colon = rest.rfind(':');
    const auto last_slash = rest.rfind('/');
    const bool has_tag = colon != std::string_view::npos &&
                         (last_slash == std::string_view::npos || colon > last_slash);
    if (has_tag) {
        image.tag = std::string(rest.substr(colon + 1));
        rest = rest.substr(0, colon);
        if (!is_tag(image.tag)) return refuse("its tag is malformed");
    }
    const auto slash = rest.find('/');
    const std::string_view first = rest.substr(0, slash);
    // As Docker decides: only something with a dot, a port or "localhost" is a registry.
    const bool has_registry =
        slash != std::string_view::npos &&
        (first.find_first_of(".:") != std::string_view::npos || first == "localhost");
    image.registry = has_registry ? std::string(first) : "docker.io";
    if (has_registry) rest.remove_prefix(slash + 1);
    if (image.registry == "index.docker.io") image.registry = "docker.io";
    if (!is_registry(image.registry)) return refuse("its registry is malformed");
    if (!is_repository(rest)) return refuse("its repository is malformed");
    image.repository = std::string(rest);
    if (image.registry == "docker.io" && image.repository.find('/') == std::string::npos) {
        image.repository = "library/" + image.repository;
    }
    return image;
}

std::string to_text(const ImageRef& image) {
    std::string text = repository_text(image);
    if (!image.tag.empty()) text += ":" + image.tag;
    if (!image.digest.empty()) text += "@" + image.digest;
    return text;
}

std::string repository_text(const ImageRef& image) {
    return image.registry + "/" + image.repository;
}

}  // namespace matriarch::specs
