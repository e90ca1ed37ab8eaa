# frozen_string_literal: true

require 'set'

LIMIT = 10

# A shop
# with goods.
module Shop
  VERSION = '1.0'

  # Raised.
  class Error < StandardError; end

  class Item < Struct.new(:name)
    include Comparable
    attr_reader :price, :size
    attr_accessor 'label'
    COLORS = %w[red green].freeze

    # Makes one.
    def initialize(name, price = 1, *rest, size: 2, **options, &block)
      @price = price
      check(name)
      self.reset
    end

    def check(name)
      return if name.nil? && price > 1
      unless name
        raise Error
      end
      case name
      when 'a' then 1
      when 'b' then 2
      else 3
      end
      items.each { |i| i > 1 ? 1 : 2 }
    rescue ArgumentError
      retry while true
    end

    def self.make(name) = new(name)

    class << self
      def build(*args)
        make(*args)
      end

      private

      def hidden; end
    end

    def <=>(other)
      price <=> other.price
    end

    def label=(value)
      @label = value
    end

    def empty?
      !full?
    end

    private

    def full? = true
    def secret(a, b = {}); end

    public

    def open; end

    def later; end
    private :later

    protected def guarded; end
    private_class_method :make
  end

  module_function

  def helper(a)
    Item.make(a)
  end
end

=begin
Added to later.
=end
class Shop::Item
  def extra
    yield
  end
end

module Shop
  def self.total(items) # in line
    items.sum { |item| helper(item) }
  end
end

def top(a, b)
  top_inner = lambda { |x| x }
  helper(a)
end

Point = Struct.new(:x, :y) do
  def dist
    x + y
  end
end
