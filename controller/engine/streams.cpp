// HttpEngine, what streams: pull, exec and logs. An error inside a stream that began well is still
// an error.
#include <algorithm>
#include <thread>

#include "controller/engine/frames.hpp"
#include "controller/engine/http_engine.hpp"
#include "controller/engine/refusal.hpp"
#include "controller/engine/text.hpp"
#include "controller/engine/wire.hpp"

namespace matriarch::controller {
namespace {

constexpr std::size_t output_max = 8UL * 1024 * 1024;  // as of any answer

// Layers and bytes of a pull, added up from its lines.
class PullProgress {
 public:
    void take(const wire::PullLine& line) {
        if (line.status == "Pulling fs layer") layers_[line.id];
        const auto layer = layers_.find(line.id);
        if (layer == layers_.end()) return;
        if (line.status == "Downloading") layer->second.bytes = line.current;
        if (line.status == "Pull complete" || line.status == "Already exists") {
            layer->second.is_complete = true;
        }
    }
    /// "3/7 layers, 45 MB"
    [[nodiscard]] std::string in_words() const {
        std::int64_t bytes = 0;
        std::size_t complete = 0;
        for (const auto& [id, layer] : layers_) {
            bytes += layer.bytes;
            if (layer.is_complete) ++complete;
        }
        return std::to_string(complete) + "/" + std::to_string(layers_.size()) + " layers, " +
               std::to_string(bytes / 1'000'000) + " MB";
    }

 private:
    struct Layer {
        std::int64_t bytes{0};
        bool is_complete{false};
    };
    std::map<std::string, Layer> layers_{};
};

std::string pull_query(const specs::ImageRef& image) {
    // Without either the Engine would pull every tag there is.
    const std::string tag = image.tag.empty() ? "latest" : image.tag;
    return "/images/create?fromImage=" + escape(image.registry + "/" + image.repository) +
           "&tag=" + escape(image.digest.empty() ? tag : image.digest);
}

std::string logs_query(int last_lines, bool follows) {
    return std::string("/logs?stdout=1&stderr=1&follow=") + (follows ? "1" : "0") +
           "&tail=" + (last_lines > 0 ? std::to_string(last_lines) : "all");
}

// Both outputs, apart and together no larger than an answer may be.
class OutputReader {
 public:
    Result<void> take(std::string_view bytes) {
        size_ += bytes.size();
        if (size_ > output_max) {
            return fail(ErrorKind::unavailable, "the output is larger than 8 MiB");
        }
        return frames_.take(bytes);
    }
    [[nodiscard]] Result<void> end() const { return frames_.end(); }
    Output output{};

 private:
    std::size_t size_{0};
    FrameReader frames_{[this](bool is_error, std::string_view bytes) {
        (is_error ? output.err : output.out) += bytes;
    }};
};

}  // namespace

Result<void> HttpEngine::pull_image(const specs::ImageRef& image,
                                    const std::function<void(const std::string&)>& progress,
                                    const Call& call) {
    const Question question{
        .purpose = "cannot pull image " + image.registry + "/" + image.repository + ":" + image.tag,
        .method = "POST",
        .path = pull_query(image)};
    PullProgress sum;
    std::string said;
    std::string error;
    LineReader lines([&](std::string_view line) -> Result<void> {
        if (line.find_first_not_of(" \r\n") == std::string_view::npos) return {};
        const wire::PullLine pull = TRY(wire::read_pull_line(line));
        if (!pull.error.empty()) error = one_line(pull.error);
        sum.take(pull);
        std::string words = sum.in_words();
        if (progress && words != said) progress(words);
        said = std::move(words);
        return {};
    });
    const BodyPiece piece = [&lines](std::string_view bytes) { return lines.take(bytes); };
    const Response answer = TRY(send(question, &piece, StreamEnd::by_deadline, call));
    if (answer.status >= 300) {
        return fail(pull_refusal(question.purpose, answer.status, wire::read_message(answer.body)));
    }
    Result<void> ended = lines.end();
    if (!error.empty()) return fail(pull_refusal(question.purpose, answer.status, error));
    if (!ended) return fail(led_by(question.purpose, std::move(ended).error()));
    return {};
}

Result<Output> HttpEngine::execute(const std::string& id, const std::vector<std::string>& command,
                                   const Call& call) {
    const auto deadline = std::chrono::steady_clock::now() + call.within;
    const auto rest = [&call, deadline] {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        return Call{.within = std::max(left, std::chrono::milliseconds(0)), .stop = call.stop};
    };
    Question question{.purpose = "cannot run a command in container " + id,
                      .method = "POST",
                      .path = "/containers/" + escape(id) + "/exec",
                      .body = wire::write_exec(command)};
    const Response created = TRY(ask(question, call));
    Result<std::string> exec = wire::read_id(created.body);
    if (!exec) return fail(led_by(question.purpose, std::move(exec).error()));

    question.path = "/exec/" + escape(*exec) + "/start";
    question.body = R"({"Detach":false,"Tty":false})";
    OutputReader reader;
    const BodyPiece piece = [&reader](std::string_view bytes) { return reader.take(bytes); };
    TRY(listen(question, piece, StreamEnd::by_deadline, rest()));
    Result<void> ended = reader.end();
    if (!ended) return fail(led_by(question.purpose, std::move(ended).error()));

    const Question look_back{.purpose = question.purpose,
                             .path = "/exec/" + escape(*exec) + "/json"};
    while (true) {
        const Response answer = TRY(ask(look_back, rest()));
        const Result<wire::ExecState> state = wire::read_exec(answer.body);
        if (!state) return fail(led_by(question.purpose, state.error()));
        reader.output.exit_code = state->exit_code;
        if (!state->is_running) return std::move(reader.output);
        // Its output has ended, so its end is being noted right now; each question has the
        // deadline.
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

Result<Output> HttpEngine::logs(const std::string& id, int last_lines, const Call& call) {
    const Question question{.purpose = "cannot read the log of container " + id,
                            .path = "/containers/" + escape(id) + logs_query(last_lines, false)};
    OutputReader reader;
    const BodyPiece piece = [&reader](std::string_view bytes) { return reader.take(bytes); };
    TRY(listen(question, piece, StreamEnd::by_deadline, call));
    Result<void> ended = reader.end();
    if (!ended) return fail(led_by(question.purpose, std::move(ended).error()));
    return std::move(reader.output);
}

Result<void> HttpEngine::follow_logs(
    const std::string& id, int last_lines,
    const std::function<void(bool is_error, std::string_view)>& piece, const Call& call) {
    const Question question{.purpose = "cannot follow the log of container " + id,
                            .path = "/containers/" + escape(id) + logs_query(last_lines, true)};
    FrameReader frames(piece);
    const BodyPiece body = [&frames](std::string_view bytes) { return frames.take(bytes); };
    TRY(listen(question, body, StreamEnd::open, call));
    Result<void> ended = frames.end();
    if (!ended) return fail(led_by(question.purpose, std::move(ended).error()));
    return {};
}

}  // namespace matriarch::controller
