"use strict";
exports.first = function (a, b) {
  return second();
};
module.exports.third = () => exports.first();
exports.Klass = class {
  method() {}
};
exports.reference = second;
exports.value = 5;

/** Listed below. */
function second() {}
function fourth() {}
function hidden() {}

function Animal(name) {
  this.name = name;
}
Animal.prototype.speak = function (loud) {
  second();
};

(function () {
  function scoped() {}
  scoped();
})();

module.exports = { fourth, renamed: hidden };
