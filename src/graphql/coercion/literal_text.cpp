#include "graphql/coercion/literal_text.h"

#include <algorithm>
#include <vector>

#include "graphql/language/characters.h"
#include "graphql/language/print_text.h"
#include "graphql/language/printer.h"

namespace matricula::graphql {

namespace {

constexpr std::size_t kIndentedLevelsMax = 100;

// print() builds the text of every level again; here all lengths are known before the first byte is
// written, so the work grows with the text and not with its depth.
class LiteralWriter {
 public:
  explicit LiteralWriter(VariablesInText variables) : variables_(variables) {}

  std::string text(const Value& value) {
    measure(value);
    write(value);
    if (out_.size() > kLiteralTextMax) {
      out_.resize(kLiteralTextMax);
      while (!out_.empty() && (static_cast<unsigned char>(out_.back()) & 0xC0) == 0x80) {
        out_.pop_back();
      }
      if (!out_.empty() && static_cast<unsigned char>(out_.back()) >= 0xC0) {
        out_.pop_back();
      }
      out_ += "...";
    }
    return std::move(out_);
  }

 private:
  struct Extent {
    std::size_t length = 0;  // in UTF-16 units, its own indentation included
    std::size_t newlines = 0;
    bool broken = false;  // over several lines
  };

  bool is_missing(const Value& value) const {
    return value.kind == ValueKind::kVariable && variables_ == VariablesInText::kAsMissing;
  }

  std::string leaf_text(const Value& value) const {
    return is_missing(value) ? "null" : print(value);
  }

  // Fills extents_ in the order in which write() visits values.
  Extent measure(const Value& value) {
    const std::size_t index = extents_.size();
    extents_.emplace_back();
    Extent extent;
    if (value.kind == ValueKind::kList) {
      std::vector<Extent> items;
      for (const Value& item : value.items) {
        items.push_back(measure(item));
      }
      extent = container(items, 2);
    } else if (value.kind == ValueKind::kObject) {
      std::vector<Extent> items;
      for (const ObjectField& field : value.fields) {
        if (!is_missing(field.value)) {
          items.push_back(measure(field.value));
          items.back().length += field.name.value.size() + 2;
        }
      }
      extent = container(items, 4);
    } else {
      const std::string text = leaf_text(value);
      extent.length = utf16_length(text);
      extent.newlines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }
    extents_[index] = extent;
    return extent;
  }

  static Extent container(const std::vector<Extent>& items, std::size_t brackets) {
    Extent extent;
    std::size_t lengths = 0;
    for (const Extent& item : items) {
      lengths += item.length;
      extent.newlines += item.newlines;
    }
    const std::size_t gaps = items.empty() ? 0 : items.size() - 1;
    extent.length = lengths + 2 * gaps + brackets;
    extent.broken = extent.length > printing::kLineLengthMax;
    if (extent.broken) {
      extent.newlines += gaps;
      // Brackets, line ends, and two spaces before each line.
      extent.length = lengths + gaps + 4 + 2 * (extent.newlines + 1);
      extent.newlines += 2;
    }
    return extent;
  }

  void new_line(bool in_block_string) {
    if (depth_ > kIndentedLevelsMax - 1 && !in_block_string) {
      out_ += ' ';
    } else {
      out_ += '\n';
      out_.append(2 * std::min(depth_, kIndentedLevelsMax), ' ');
    }
  }

  void write(const Value& value) {
    if (out_.size() > kLiteralTextMax) {
      return;
    }
    const bool broken = extents_[next_++].broken;
    switch (value.kind) {
      case ValueKind::kList:
        open("[", "", broken);
        for (std::size_t i = 0; i < value.items.size(); ++i) {
          separate(i > 0, broken);
          write(value.items[i]);
        }
        close("]", broken);
        break;
      case ValueKind::kObject:
        open("{", " ", broken);
        write_fields(value, broken);
        close(broken ? "}" : " }", broken);
        break;
      case ValueKind::kString:
        write_lines(print(value), value.block);
        break;
      case ValueKind::kVariable:
      case ValueKind::kInt:
      case ValueKind::kFloat:
      case ValueKind::kBoolean:
      case ValueKind::kNull:
      case ValueKind::kEnum:
        out_ += leaf_text(value);
        break;
    }
  }

  void write_fields(const Value& value, bool broken) {
    bool later = false;
    for (const ObjectField& field : value.fields) {
      if (is_missing(field.value)) {
        continue;
      }
      separate(later, broken);
      later = true;
      out_.append(field.name.value).append(": ");
      write(field.value);
    }
  }

  void write_lines(std::string_view text, bool is_block) {
    for (std::size_t start = 0;;) {
      const std::size_t end = text.find('\n', start);
      out_ += text.substr(start, end - start);
      if (end == std::string_view::npos) {
        return;
      }
      new_line(is_block);
      start = end + 1;
    }
  }

  void open(std::string_view bracket, std::string_view space, bool broken) {
    out_ += bracket;
    if (!broken) {
      out_ += space;
      return;
    }
    // The line break is outside the indented part, the first indentation inside.
    new_line(false);
    ++depth_;
    if (depth_ <= kIndentedLevelsMax) {
      out_ += "  ";
    }
  }

  void separate(bool later, bool broken) {
    if (later && broken) {
      new_line(false);
    } else if (later) {
      out_ += ", ";
    }
  }

  void close(std::string_view bracket, bool broken) {
    if (broken) {
      --depth_;
      new_line(false);
    }
    out_ += bracket;
  }

  VariablesInText variables_;
  std::vector<Extent> extents_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

std::string literal_text(const Value& value, VariablesInText variables) {
  return LiteralWriter(variables).text(value);
}

}  // namespace matricula::graphql
