package org.mirror4j.convert;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mirror4j.file.FileException;

/**
 * What the machine of a pickle works on: a stack of values, marks in it, and values remembered by
 * number. A mark hides what lies below it until the values above it are taken together. Each
 * operation takes or makes at most one value, but for those that give a list back.
 */
final class PickleStack {
  private static final int MAX_MARKS = 256;

  private final Function<String, FileException> failure;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  /**
   * An empty stack.
   *
   * @param failure makes the exception for a problem
   */
  PickleStack(Function<String, FileException> failure) {
    this.failure = failure;
  }

  /** The one value that is left at the end. */
  Object result() {
    if (stack.size() != 1 || !marks.isEmpty()) {
      throw failure.apply("ends with " + stack.size() + " values, expected one");
    }
    return stack.getFirst();
  }

  /** Sets a mark. */
  void mark() {
    if (marks.size() == MAX_MARKS) {
      throw failure.apply("nested deeper than " + MAX_MARKS);
    }
    marks.add(stack.size());
  }

  /** Remembers the top value. */
  void remember(long key) {
    memo.put(key, peek());
  }

  /** Pushes a value that was remembered. */
  void recall(long key) {
    Object value = memo.get(key);
    if (value == null) {
      throw failure.apply("recalls value " + key + ", which was never remembered");
    }
    push(value);
  }

  /** Puts a value on top. */
  void push(Object value) {
    stack.add(value);
  }

  /** Values below a mark belong to what the mark began. */
  private int bottom() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  /** The top value. */
  Object peek() {
    if (stack.size() <= bottom()) {
      throw failure.apply("takes a value from an empty stack");
    }
    return stack.getLast();
  }

  /** Takes the top value. */
  Object pop() {
    Object value = peek();
    stack.removeLast();
    return value;
  }

  /** Takes some values, the lowest first. */
  List<Object> popLast(int count) {
    if (stack.size() - bottom() < count) {
      throw failure.apply("takes a value from an empty stack");
    }
    return popFrom(stack.size() - count);
  }

  /** Takes the values above the last mark, the lowest first, and the mark. */
  List<Object> popToMark() {
    if (marks.isEmpty()) {
      throw failure.apply("takes values back to a mark that was never set");
    }
    return popFrom(marks.removeLast());
  }

  private List<Object> popFrom(int first) {
    List<Object> top = stack.subList(first, stack.size());
    List<Object> taken = new ArrayList<>(top);
    top.clear();
    return taken;
  }
}
