// The log's way to standard error. The only file that includes spdlog.
// It decides what is shown, never what is said.
#include "controller/base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <mutex>

#include "controller/base/log_line.hpp"

namespace matriarch::controller::log {
namespace {

/// What the lines need to know; one for the whole program.
struct Sink {
    std::mutex mutex{};
    Options options{};
    bool is_coloured{false};
    std::function<std::string(std::string)> filter{};
    spdlog::logger logger{"matriarch", std::make_shared<spdlog::sinks::stderr_sink_mt>()};

    Sink() {
        logger.set_pattern("%v");
        logger.set_level(spdlog::level::trace);
        logger.flush_on(spdlog::level::trace);
    }
};

Sink& sink() {
    static Sink only;
    return only;
}

bool wants_colour(Colour colour) {
    if (colour != Colour::automatic) return colour == Colour::always;
    const char* no_colour = std::getenv("NO_COLOR");
    if (no_colour != nullptr && *no_colour != '\0') return false;
    const char* terminal = std::getenv("TERM");
    if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
    return ::isatty(STDERR_FILENO) == 1;
}

void write(Level level, std::string_view message, std::initializer_list<Field> fields) {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    if (level < to.options.level) return;
    const SystemClock clock;
    Line line{.time = clock.now(), .level = level, .message = message, .fields = fields};
    if (to.filter) {
        for (Field& field : line.fields) {
            if (!field.value.is_bare()) field.value = Value(to.filter(field.value.text()));
        }
    }
    const bool is_json = to.options.format == Format::json;
    to.logger.log(spdlog::level::info, is_json ? to_json(line) : to_text(line, to.is_coloured));
}

}  // namespace

void configure(const Options& options) {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    to.options = options;
    to.is_coloured = options.format == Format::text && wants_colour(options.colour);
}

void set_filter(std::function<std::string(std::string)> filter) {
    Sink& to = sink();
    const std::lock_guard lock(to.mutex);
    to.filter = std::move(filter);
}

Result<Level> parse_level(std::string_view text) {
    if (text == "debug") return Level::debug;
    if (text == "info") return Level::info;
    if (text == "warn") return Level::warn;
    if (text == "error") return Level::error;
    if (text == "off") return Level::off;
    return fail(ErrorKind::invalid, "cannot read log level '" + std::string(text) + "'",
                "Use debug, info, warn, error or off.");
}

void debug(std::string_view message, std::initializer_list<Field> fields) {
    write(Level::debug, message, fields);
}
void info(std::string_view message, std::initializer_list<Field> fields) {
    write(Level::info, message, fields);
}
void warn(std::string_view message, std::initializer_list<Field> fields) {
    write(Level::warn, message, fields);
}
void error(std::string_view message, std::initializer_list<Field> fields) {
    write(Level::error, message, fields);
}

}  // namespace matriarch::controller::log
