#pragma once
#include <string>

namespace geo {

/// A shape.
class Shape {
public:
    Shape() = default;
    virtual ~Shape();
    /// The area.
    virtual double area(double scale = 1.0) const = 0;
    std::string name;

private:
    int secret(int n);
};

}  // namespace geo
