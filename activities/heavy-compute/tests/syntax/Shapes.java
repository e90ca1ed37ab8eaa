package org.example;

import java.util.List;

/**
 * A shape.
 *
 * @param <T> of what
 */
@Deprecated
public abstract class Shapes<T extends Comparable<T>> extends Base implements Runnable {
    /** How many. */
    public static final int LIMIT = 10, SECOND = 2;
    private final List<T> items;

    static {
        LOG.info("loaded");
    }

    /** Makes one. */
    public Shapes(List<T> items) {
        this(items, 0);
    }

    Shapes(List<T> items, int start) {
        this.items = items;
    }

    /**
     * The area.
     */
    @Override
    @SuppressWarnings({"unchecked", "raw"})
    public double area(final double scale, int... sizes) throws Exception {
        if (scale > 1 && sizes.length > 0 || scale < 0) {
            return helper(sizes);
        }
        for (int size : sizes) {
            switch (size) {
                case 1:
                    break;
                case 2:
                default:
                    break;
            }
        }
        try {
            return this.helper(sizes);
        } catch (RuntimeException e) {
            return scale > 2 ? 1.0 : 2.0;
        }
    }

    // An ordinary comment is no documentation.
    private double helper(int[] sizes /* of each */) {
        Runnable r = () -> { if (sizes == null) run(); };
        Object o = new Object() {
            @Override
            public String toString() {
                return describe("x");
            }
        };
        class Local {
            void inLocal() {}
        }
        return Util.twice(1) + other.unknown(2);
    }

    public void run() {}

    protected abstract String describe(String name);

    String describe(String name, int width) {
        return describe(name);
    }

    <R> R generic(java.util.function.Function<T, R> f) { return f.apply(null); }

    static class Util {
        static double twice(double x) {
            return x * 2;
        }
    }
}

interface Named {
    String KIND = "named";

    String name();

    default String shout() {
        return name().toUpperCase();
    }
}

enum Color implements Named {
    RED("r") {
        @Override
        public String name() { return "red"; }
    },
    GREEN("g");

    private final String code;

    Color(String code) {
        this.code = code;
    }
}

record Point(int x, int y) {
    Point {
        check(x);
    }

    static void check(int v) {}
}

@interface Marker {
    int value() default 0;
}
