#include "exchange/record_spool.h"

#include <algorithm>
#include <cerrno>
#include <compare>
#include <cstring>
#include <fmt/format.h>
#include <queue>
#include <unistd.h>

#include "base/assert.h"
#include "base/files.h"
#include "records/record_sql.h"

namespace matricula::exchange {
namespace {

using storage::Bind;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

// An entry is a Head, the key, and the values, each as a Kind and its data.
struct Head {
  std::uint32_t bytes;  // of the whole entry
  std::uint32_t key_bytes;
  std::uint64_t line;
  std::uint64_t is_deletion;
};
enum class Kind : char { kNull, kInteger, kReal, kText, kBytes };

template <typename T>
void append_plain(std::string& out, const T& value) {
  const std::size_t place = out.size();
  out.resize(place + sizeof value);
  std::memcpy(out.data() + place, &value, sizeof value);
}

template <typename T>
T take_plain(std::string_view& in) {
  T value;
  std::memcpy(&value, in.data(), sizeof value);
  in.remove_prefix(sizeof value);
  return value;
}

void append_sized(std::string& out, Kind kind, std::string_view text) {
  out += static_cast<char>(kind);
  append_plain(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

struct AppendValue {
  std::string& out;
  void operator()(std::monostate) const { out += static_cast<char>(Kind::kNull); }
  void operator()(std::int64_t value) const {
    out += static_cast<char>(Kind::kInteger);
    append_plain(out, value);
  }
  void operator()(double value) const {
    out += static_cast<char>(Kind::kReal);
    append_plain(out, value);
  }
  void operator()(std::string_view text) const { append_sized(out, Kind::kText, text); }
  void operator()(storage::Bytes bytes) const {
    append_sized(out, Kind::kBytes, storage::as_text(bytes));
  }
  void operator()(const storage::ValueList&) const { MATRICULA_ASSERT(false); }
};

std::string_view take_text(std::string_view& in) {
  const auto size = take_plain<std::uint32_t>(in);
  const std::string_view text = in.substr(0, size);
  in.remove_prefix(size);
  return text;
}

Bind take_value(std::string_view& in) {
  switch (take_plain<Kind>(in)) {
    case Kind::kNull:
      return {};
    case Kind::kInteger:
      return take_plain<std::int64_t>(in);
    case Kind::kReal:
      return take_plain<double>(in);
    case Kind::kText:
      return take_text(in);
    case Kind::kBytes:
      break;
  }
  return std::as_bytes(std::span(take_text(in)));
}

Head head_of(std::string_view entry) {
  return take_plain<Head>(entry);
}

std::strong_ordering order_of(std::string_view left, std::string_view right) {
  const Head left_head = head_of(left);
  const Head right_head = head_of(right);
  const std::strong_ordering order = left.substr(sizeof(Head), left_head.key_bytes) <=>
                                     right.substr(sizeof(Head), right_head.key_bytes);
  return order != 0 ? order : left_head.line <=> right_head.line;
}

tl::unexpected<Error> failed(std::string_view what) {
  return fail(ErrorCode::kIo,
              fmt::format("The records of the file cannot be {} in the directory for temporary "
                          "files: {}. Make room there, or set TMPDIR to another one.",
                          what, std::strerror(errno)));
}

}  // namespace

// A sorted part of the file, read forwards.
class RecordSpool::Run {
 public:
  Run(int descriptor, std::uint64_t begin, std::uint64_t end)
      : descriptor_(descriptor), next_(begin), end_(end) {}

  // Moves to the next entry; false after the last.
  Result<bool> next() {
    place_ += entry_bytes_;
    entry_bytes_ = 0;
    if (place_ == buffer_.size() && next_ == end_) {
      return false;
    }
    MATRICULA_CHECK(need(sizeof(Head)));
    const std::size_t bytes = head_of(std::string_view(buffer_).substr(place_)).bytes;
    MATRICULA_CHECK(need(bytes));
    entry_bytes_ = bytes;
    return true;
  }

  std::string_view entry() const { return std::string_view(buffer_).substr(place_, entry_bytes_); }

 private:
  // Reads on until so many bytes are there.
  Result<void> need(std::size_t bytes) {
    if (buffer_.size() - place_ >= bytes) {
      return {};
    }
    buffer_.erase(0, place_);
    place_ = 0;
    std::size_t filled = buffer_.size();
    const std::uint64_t left = end_ - next_;
    buffer_.resize(filled + std::min<std::uint64_t>(std::max(bytes, kReadBytes), left));
    while (filled < buffer_.size()) {
      const ssize_t count = ::pread(descriptor_, buffer_.data() + filled, buffer_.size() - filled,
                                    static_cast<off_t>(next_));
      if (count <= 0) {
        return failed("read");
      }
      filled += static_cast<std::size_t>(count);
      next_ += static_cast<std::uint64_t>(count);
    }
    return {};
  }

  int descriptor_;
  std::uint64_t next_;  // of the file
  std::uint64_t end_;
  std::string buffer_;
  std::size_t place_ = 0;
  std::size_t entry_bytes_ = 0;
};

RecordSpool::RecordSpool(const records::Entity& entity, std::size_t run_bytes_max)
    : entity_(entity), run_bytes_max_(run_bytes_max) {}

RecordSpool::~RecordSpool() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

// The key consists of key fields alone, since deletions have no others.
void RecordSpool::append_key(const Record& record) {
  if (!records::is_progress(entity_.id)) {
    return;
  }
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    if (!entity_.fields[i].is_key) {
      continue;
    }
    const Bind& value = record.values[i];
    const auto* const bytes = std::get_if<storage::Bytes>(&value);
    entries_ += bytes != nullptr ? storage::as_text(*bytes) : std::get<std::string_view>(value);
    entries_ += '\0';
  }
}

Result<void> RecordSpool::add(std::uint64_t line, const Record& record) {
  const std::size_t place = entries_.size();
  Head head{.bytes = 0, .key_bytes = 0, .line = line, .is_deletion = record.is_deletion ? 1U : 0U};
  append_plain(entries_, head);
  append_key(record);
  head.key_bytes = static_cast<std::uint32_t>(entries_.size() - place - sizeof head);
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    // A deletion's other values are those of an earlier record.
    const bool is_there = !record.is_deletion || entity_.fields[i].is_key;
    std::visit(AppendValue{entries_}, is_there ? record.values[i] : Bind());
  }
  head.bytes = static_cast<std::uint32_t>(entries_.size() - place);
  std::memcpy(entries_.data() + place, &head, sizeof head);
  places_.push_back(place);
  ++count_;
  has_deletions_ = has_deletions_ || record.is_deletion;
  return entries_.size() < run_bytes_max_ ? Result<void>() : write_run();
}

void RecordSpool::sort_entries() {
  const std::string_view all = entries_;
  std::ranges::sort(places_, [all](std::size_t left, std::size_t right) {
    return order_of(all.substr(left), all.substr(right)) < 0;
  });
}

Result<void> RecordSpool::write_run() {
  if (descriptor_ < 0) {
    for (const std::string& directory : temporary_directories()) {
      descriptor_ = descriptor_ < 0 ? open_unnamed_file(directory) : descriptor_;
    }
    if (descriptor_ < 0) {
      return failed("kept");
    }
  }
  sort_entries();
  std::string sorted;
  sorted.reserve(entries_.size());
  for (const std::size_t place : places_) {
    const std::string_view entry = std::string_view(entries_).substr(place);
    sorted += entry.substr(0, head_of(entry).bytes);
  }
  for (std::string_view left = sorted; !left.empty();) {
    const ssize_t count = ::write(descriptor_, left.data(), left.size());
    if (count < 0 && errno != EINTR) {
      return failed("kept");
    }
    left.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  }
  file_bytes_ += sorted.size();
  run_ends_.push_back(file_bytes_);
  entries_.clear();
  places_.clear();
  return {};
}

void RecordSpool::decode(std::string_view entry, Record& record) const {
  const Head head = take_plain<Head>(entry);
  record.is_deletion = head.is_deletion != 0;
  entry.remove_prefix(head.key_bytes);
  for (std::size_t i = 0; i < entity_.fields.size(); ++i) {
    record.values[i] = take_value(entry);
  }
}

Result<void> RecordSpool::for_each(const Take& take) {
  if (run_ends_.empty()) {
    return for_each_in_memory(take);
  }
  if (!places_.empty()) {
    MATRICULA_CHECK(write_run());
  }
  std::string().swap(entries_);
  return merge_runs(take);
}

Result<void> RecordSpool::for_each_in_memory(const Take& take) {
  sort_entries();
  Record record;
  for (const std::size_t place : places_) {
    const std::string_view entry = std::string_view(entries_).substr(place);
    decode(entry, record);
    MATRICULA_CHECK(take(head_of(entry).line, record));
  }
  return {};
}

Result<void> RecordSpool::merge_runs(const Take& take) {
  std::vector<Run> runs;
  std::uint64_t begin = 0;
  for (const std::uint64_t end : run_ends_) {
    runs.emplace_back(descriptor_, begin, end);
    begin = end;
  }
  const auto is_later = [](const Run* left, const Run* right) {
    return order_of(left->entry(), right->entry()) > 0;
  };
  std::priority_queue<Run*, std::vector<Run*>, decltype(is_later)> heads(is_later);
  for (Run& run : runs) {
    MATRICULA_TRY(const bool is_there, run.next());
    MATRICULA_ASSERT(is_there);
    heads.push(&run);
  }
  Record record;
  while (!heads.empty()) {
    Run* const run = heads.top();
    decode(run->entry(), record);
    MATRICULA_CHECK(take(head_of(run->entry()).line, record));
    heads.pop();
    MATRICULA_TRY(const bool is_there, run->next());
    if (is_there) {
      heads.push(run);
    }
  }
  return {};
}

}  // namespace matricula::exchange
