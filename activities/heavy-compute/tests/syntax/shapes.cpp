#include "shapes.hpp"

namespace geo {
namespace detail { int depth = 0; }

namespace {
int hidden(int n) { return n; }
}

/// A vector of numbers.
template <typename T, int N>
class Vector final : public Base<T> {
    T data_[N];
    int count_ = 0;

  public:
    using value_type = T;
    enum class Mode { Fast, Slow };

    explicit Vector(int n) : count_(n) { reset(); }
    Vector(const Vector &) = delete;
    ~Vector() { this->reset(); }

    /** Adds one. */
    Vector &operator+=(const T &value) { return *this; }
    T operator[](int i) const { return data_[i]; }
    operator bool() const { return count_ > 0; }

    template <class U>
    U convert(U fallback = U{}) const noexcept;

    static int made(int a, int b = MAX(1, 2));
    void reset();
    virtual void draw() = 0;

    struct Inner {
        int deep() const { return 1; }
    };

  protected:
    void guarded() {}

  private:
    void own() {}
    friend int peek(const Vector &v) { return v.count_; }
};

class Plain {
  public:
    int value(int n) const;
    void unset();
    Plain();
};

Plain::Plain() : x(1) {}

// Out of the class.
int Plain::value(int amount) const {
    if (amount > 1 and amount < 3) {
        return hidden(amount);
    }
    try {
        unset();
    } catch (const std::exception &e) {
    }
    for (auto x : list) {
    }
    auto f = [&](int y) { return y ? 1 : 2; };
    return amount ? f(1) : twice(2);
}

int Plain::value(double amount) const { return 0; }

int Foreign::method(int n) { return n; }
}  // namespace geo

namespace geo::nested {
constexpr int twice(int n) { return 2 * n; }
}

template <typename T>
T largest(T a, T b) { return a > b ? a : b; }

template <>
int largest<int>(int a, int b) { return a; }

using Callback = void (*)(int);
typedef struct { int a; } Anonymous;

extern "C" {
int c_function(const char *s);
}
extern "C" int c_other(void) { return 0; }

static int file_local(int) { return 0; }
const int kLimit = 3;
auto trailing(int a) -> decltype(a) { return a; }

bool operator==(const geo::Plain &a, const geo::Plain &b) { return true; }

int geo::Plain::more() { return geo::nested::twice(1) + file_local(2); }

int overloaded(int a);
int overloaded(double a);
int overloaded(int value) { return 1; }

struct Derived : geo::Plain {
    int x;
    int get() { return x; }
};

union Both { int i; float f; };
enum Old { A, B };
concept_macro(Something)
