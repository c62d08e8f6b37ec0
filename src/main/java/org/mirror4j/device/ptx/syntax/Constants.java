package org.mirror4j.device.ptx.syntax;

import java.util.Locale;
import org.mirror4j.device.launch.source.KernelLimits;
import org.mirror4j.device.ptx.report.PtxException;

/** Integer and floating-point constants (ISA 4.5); integers are of 64 bits. */
final class Constants {
  private Constants() {}

  /** True if a constant begins here. */
  static boolean begins(TokenStream tokens) {
    Token token = tokens.peek();
    return token.kind() == Token.Kind.NUMBER
        || token.is("-")
        || token.is("~")
        || token.is("(")
        || token.kind() == Token.Kind.WORD && token.text().equals("WARP_SZ");
  }

  /** A constant operand: floating point if the text says so, else an integer expression. */
  static Operand operand(TokenStream tokens) {
    boolean negative = tokens.peek().is("-");
    Token number = negative ? tokens.peekSecond() : tokens.peek();
    if (number.kind() == Token.Kind.NUMBER && isFloat(number.text())) {
      if (negative) {
        tokens.next();
      }
      return floating(tokens, tokens.next(), negative);
    }
    return new Operand.IntegerConstant(integer(tokens));
  }

  /** Sums, differences and products of integers, with parentheses, minus and complement. */
  static long integer(TokenStream tokens) {
    return integer(tokens, 0);
  }

  private static long integer(TokenStream tokens, int depth) {
    long value = product(tokens, depth);
    while (true) {
      if (tokens.accept("+")) {
        value += product(tokens, depth);
      } else if (tokens.accept("-")) {
        value -= product(tokens, depth);
      } else {
        return value;
      }
    }
  }

  private static long product(TokenStream tokens, int depth) {
    long value = factor(tokens, depth);
    while (tokens.accept("*")) {
      value *= factor(tokens, depth);
    }
    return value;
  }

  private static long factor(TokenStream tokens, int depth) {
    if (depth > KernelLimits.PARENTHESES) {
      throw tokens.error(
          "more than %d signs and parentheses inside one another"
              .formatted(KernelLimits.PARENTHESES));
    }
    if (tokens.accept("-")) {
      return -factor(tokens, depth + 1);
    }
    if (tokens.accept("~")) {
      return ~factor(tokens, depth + 1);
    }
    if (tokens.accept("(")) {
      long value = integer(tokens, depth + 1);
      tokens.expect(")");
      return value;
    }
    Token token = tokens.peek();
    if (token.kind() == Token.Kind.WORD && token.text().equals("WARP_SZ")) {
      tokens.next();
      return 32;
    }
    if (token.kind() != Token.Kind.NUMBER || isFloat(token.text())) {
      throw tokens.unexpected("an integer");
    }
    long value = parseInteger(tokens, token.text());
    tokens.next();
    return value;
  }

  private static long parseInteger(TokenStream tokens, String written) {
    String text = written.toLowerCase(Locale.ROOT);
    if (text.endsWith("u")) {
      text = text.substring(0, text.length() - 1);
    }
    try {
      if (text.startsWith("0x")) {
        return Long.parseUnsignedLong(text.substring(2), 16);
      }
      if (text.startsWith("0b")) {
        return Long.parseUnsignedLong(text.substring(2), 2);
      }
      if (text.length() > 1 && text.startsWith("0")) {
        return Long.parseUnsignedLong(text.substring(1), 8);
      }
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw tokens.error("'" + written + "' is no integer of 64 bits");
    }
  }

  private static boolean isFloat(String written) {
    String text = written.toLowerCase(Locale.ROOT);
    if (text.startsWith("0x") || text.startsWith("0b")) {
      return false;
    }
    return text.startsWith("0f")
        || text.startsWith("0d")
        || text.indexOf('.') >= 0
        || text.indexOf('e') >= 0;
  }

  private static Operand floating(TokenStream tokens, Token token, boolean negative) {
    String text = token.text().toLowerCase(Locale.ROOT);
    try {
      if (text.startsWith("0f") && text.length() == 10) {
        int sign = negative ? 0x80000000 : 0;
        int bits = Integer.parseUnsignedInt(text.substring(2), 16) ^ sign;
        return new Operand.FloatConstant(
            Float.intBitsToFloat(bits), Integer.toUnsignedLong(bits), true);
      }
      long sign = negative ? Long.MIN_VALUE : 0;
      if (text.startsWith("0d") && text.length() == 18) {
        long bits = Long.parseUnsignedLong(text.substring(2), 16) ^ sign;
        return new Operand.FloatConstant(Double.longBitsToDouble(bits), bits, false);
      }
      if (!text.startsWith("0f") && !text.startsWith("0d")) {
        long bits = Double.doubleToRawLongBits(Double.parseDouble(text)) ^ sign;
        return new Operand.FloatConstant(Double.longBitsToDouble(bits), bits, false);
      }
    } catch (NumberFormatException e) {
      // Told below, together with a wrong number of digits.
    }
    throw PtxException.at(
        tokens.file(),
        token.line(),
        "'"
            + token.text()
            + "' is no floating-point constant, expected 0f and 8 hexadecimal digits, 0d and 16,"
            + " or a decimal number");
  }
}
