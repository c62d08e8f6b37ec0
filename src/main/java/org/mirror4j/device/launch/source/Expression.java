package org.mirror4j.device.launch.source;

import java.util.List;

/**
 * A whole-number formula of a header, over the scalars of a launch: {@code + - * /} (rounding
 * down), {@code ceil(a / b)}, {@code min(a, b)}, {@code max(a, b)}, parentheses, numbers, names.
 * Evaluation allocates nothing.
 */
public sealed interface Expression {
  /**
   * The value.
   *
   * @param values by the index of the name in the list given to {@link #parse}
   * @throws ArithmeticException on a division by 0 and beyond 64 bits; of a formula in a file it is
   *     a {@link KernelException}
   */
  long evaluate(long[] values);

  /** A number. */
  record Number(long value) implements Expression {
    @Override
    public long evaluate(long[] values) {
      return value;
    }
  }

  /** The value of a name. */
  record Variable(int index) implements Expression {
    @Override
    public long evaluate(long[] values) {
      return values[index];
    }
  }

  /** Two operands. */
  record Binary(Operator operator, Expression left, Expression right) implements Expression {
    @Override
    public long evaluate(long[] values) {
      long a = left.evaluate(values);
      long b = right.evaluate(values);
      return switch (operator) {
        case ADD -> Math.addExact(a, b);
        case SUBTRACT -> Math.subtractExact(a, b);
        case MULTIPLY -> Math.multiplyExact(a, b);
        case DIVIDE -> Math.floorDivExact(a, divisor(b));
        case DIVIDE_UP -> Math.ceilDivExact(a, divisor(b));
        case MINIMUM -> Math.min(a, b);
        case MAXIMUM -> Math.max(a, b);
      };
    }

    /** The virtual machine's own exception has no message once it was thrown often. */
    private static long divisor(long b) {
      if (b == 0) {
        throw new ArithmeticException("division by zero");
      }
      return b;
    }
  }

  /**
   * A formula where it stands in a file.
   *
   * @param text as written
   */
  record Written(String file, int line, String text, Expression formula) implements Expression {
    @Override
    public long evaluate(long[] values) {
      try {
        return formula.evaluate(values);
      } catch (ArithmeticException e) {
        boolean divides = e.getMessage().contains("zero");
        throw KernelException.at(
            file,
            line,
            "formula %s %s"
                .formatted(
                    KernelException.quoted(text),
                    divides ? "divides by 0" : "has a value of more than 64 bits"));
      }
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** What {@link Binary} does. */
  enum Operator {
    ADD,
    SUBTRACT,
    MULTIPLY,
    /** Rounding down. */
    DIVIDE,
    /** Rounding up. */
    DIVIDE_UP,
    MINIMUM,
    MAXIMUM
  }

  /**
   * Reads a formula.
   *
   * @param names of the values, by their index; blank for one that formulas do not have
   * @throws IllegalArgumentException if the text is no formula or has another name in it
   */
  static Expression parse(String text, List<String> names) {
    return new ExpressionParser(text, names).parse();
  }
}
