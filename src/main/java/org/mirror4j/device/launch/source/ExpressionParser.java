package org.mirror4j.device.launch.source;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mirror4j.device.launch.source.Expression.Operator;

/** Recursive descent over sums of products. */
final class ExpressionParser {
  private static final Pattern TOKEN = Pattern.compile("\\s*(\\d+|[A-Za-z_]\\w*|[-+*/(),])");

  private final String text;
  private final List<String> names;
  private final List<String> tokens = new ArrayList<>();
  private int next;
  private int depth;

  ExpressionParser(String text, List<String> names) {
    this.text = text;
    this.names = names;
    if (text.length() > KernelLimits.FORMULA_CHARACTERS) {
      throw failure(
          "has %d characters, at most %d"
              .formatted(text.length(), KernelLimits.FORMULA_CHARACTERS));
    }
    Matcher matcher = TOKEN.matcher(text);
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      tokens.add(matcher.group(1));
      end = matcher.end();
    }
    if (!text.substring(end).isBlank()) {
      throw failure(
          "cannot be read from %s on"
              .formatted(KernelException.quoted(text.substring(end).strip())));
    }
  }

  Expression parse() {
    Expression result = sum();
    if (next < tokens.size()) {
      throw failure("has '" + tokens.get(next) + "' where it should end");
    }
    return result;
  }

  /** A sum in parentheses, the first of which is taken already. */
  private Expression inner() {
    if (++depth > KernelLimits.PARENTHESES) {
      throw failure(
          "has more than %d parentheses inside one another".formatted(KernelLimits.PARENTHESES));
    }
    Expression inner = sum();
    depth--;
    return inner;
  }

  private Expression sum() {
    Expression left = product();
    while (true) {
      if (takes("+")) {
        left = new Expression.Binary(Operator.ADD, left, product());
      } else if (takes("-")) {
        left = new Expression.Binary(Operator.SUBTRACT, left, product());
      } else {
        return left;
      }
    }
  }

  private Expression product() {
    Expression left = factor();
    while (true) {
      if (takes("*")) {
        left = new Expression.Binary(Operator.MULTIPLY, left, factor());
      } else if (takes("/")) {
        left = new Expression.Binary(Operator.DIVIDE, left, factor());
      } else {
        return left;
      }
    }
  }

  private Expression factor() {
    String token = next < tokens.size() ? tokens.get(next++) : "its end";
    if (Character.isDigit(token.charAt(0))) {
      return new Expression.Number(number(token));
    }
    switch (token) {
      case "(" -> {
        Expression inner = inner();
        require(")");
        return inner;
      }
      case "ceil" -> {
        require("(");
        Expression inner = inner();
        require(")");
        if (inner instanceof Expression.Binary quotient && quotient.operator() == Operator.DIVIDE) {
          return new Expression.Binary(Operator.DIVIDE_UP, quotient.left(), quotient.right());
        }
        throw failure("has a ceil of something that is not a quotient");
      }
      case "min", "max" -> {
        require("(");
        Expression left = inner();
        require(",");
        Expression right = inner();
        require(")");
        return new Expression.Binary(
            token.equals("min") ? Operator.MINIMUM : Operator.MAXIMUM, left, right);
      }
      default -> {
        int index = names.indexOf(token);
        if (index < 0) {
          throw failure(
              "has %s, expected a number or one of %s"
                  .formatted(
                      KernelException.quoted(token),
                      names.stream().filter(name -> !name.isBlank()).toList()));
        }
        return new Expression.Variable(index);
      }
    }
  }

  private long number(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException tooLarge) {
      throw failure(
          "has the number %s, at most 2^63 - 1".formatted(KernelException.quoted(digits)));
    }
  }

  private boolean takes(String token) {
    if (next < tokens.size() && tokens.get(next).equals(token)) {
      next++;
      return true;
    }
    return false;
  }

  private void require(String token) {
    if (!takes(token)) {
      String found = next < tokens.size() ? "'" + tokens.get(next) + "'" : "its end";
      throw failure("has " + found + " where '" + token + "' should be");
    }
  }

  private IllegalArgumentException failure(String what) {
    return new IllegalArgumentException(
        "formula %s %s".formatted(KernelException.quoted(text.strip()), what));
  }
}
