#include "exchange/generate_people.h"

#include <fmt/format.h>
#include <string_view>

#include "exchange/generate_random.h"

namespace matricula::exchange {
namespace {

struct NamePool {
  std::string_view first[6];
  std::string_view last[6];
};

// Left to right, right to left, without letter case, with combining marks.
constexpr NamePool kPools[] = {
    {{"Ann", "James", "Maria", "David", "Grace", "Noah"},
     {"Smith", "O'Hara", "Johnson", "Brown", "de la Cruz", "Lee"}},
    {{"Jürgen", "Zoë", "François", "Łukasz", "Søren", "İpek"},
     {"Müller", "Ångström", "Núñez", "Żak", "Šimić", "Ğül"}},
    {{"دينا", "محمد", "ليلى", "عمر", "نور", "يوسف"},
     {"حداد", "الخطيب", "منصور", "درويش", "عباس", "سالم"}},
    {{"דנה", "יוסי", "נועה", "איתן", "מאיה", "אורי"},
     {"כהן", "לוי", "מזרחי", "פרץ", "ביטון", "דהן"}},
    {{"さくら", "太郎", "陽菜", "蓮", "美咲", "大輔"},
     {"佐藤", "鈴木", "高橋", "田中", "渡辺", "伊藤"}},
    {{"伟", "芳", "娜", "敏", "静", "强"}, {"王", "李", "张", "刘", "陈", "杨"}},
    {{"Иван", "Ольга", "Дмитрий", "Анна", "Сергей", "Елена"},
     {"Иванов", "Петрова", "Сидоров", "Кузнецова", "Попов", "Соколова"}},
    {{"आरव", "प्रिया", "रोहन", "अनन्या", "विकास", "नेहा"},
     {"शर्मा", "वर्मा", "गुप्ता", "सिंह", "पटेल", "नायर"}},
    // e and o followed by combining marks: the same names as composed ones, other code points.
    {{"Jose\u0301", "Rene\u0301e", "Zoe\u0308", "Andre\u0301", "Chloe\u0301", "Noe\u0308l"},
     {"Gonza\u0301lez", "Bjo\u0308rk", "Gu\u0308nther", "Sa\u0301nchez", "Pe\u0301rez",
      "Lo\u0301pez"}},
    {{"\"Ace\"", "Back\\slash", "Tab\\t", "A/B", "<b>Bo</b>", "Robert'); --"},
     {"\"Quote\" Jr.", "C:\\Users", "O\u2019Neil", "&amp;", "{json}", "100%"}},
};

}  // namespace

PersonKey person_key(std::uint64_t seed, std::uint64_t number) {
  return {.high = (mix(seed, number, 1) & ~0xF000ULL) | 0x4000ULL,
          .low = (mix(seed, number, 2) & ~(3ULL << 62U)) | (2ULL << 62U)};
}

std::string person_id(std::uint64_t seed, std::uint64_t number) {
  const PersonKey key = person_key(seed, number);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", key.high >> 32U,
                     key.high >> 16U & 0xFFFFU, key.high & 0xFFFFU, key.low >> 48U,
                     key.low & 0xFFFF'FFFF'FFFFU);
}

Person person_of(std::uint64_t seed, std::uint64_t number, const std::string& domain) {
  Random random(mix(seed, number, 3));
  const std::size_t last_pool = std::size(kPools) - 1;
  const std::size_t pool = random.chance(0.6)    ? random.below(2)
                           : random.chance(0.01) ? last_pool
                                                 : random.below(last_pool);
  Person person{.id = person_id(seed, number),
                .email = fmt::format("{}{}@{}", pool < 2 && random.chance(0.5) ? "learner." : "l",
                                     number, domain),
                .first_name = std::string(random.pick(kPools[pool].first)),
                .last_name = std::string(random.pick(kPools[pool].last))};
  if (random.chance(0.05)) {
    person.email.front() = 'L';
  }
  return person;
}

}  // namespace matricula::exchange
