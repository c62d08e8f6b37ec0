package org.mirror4j.tensor;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each parameter of a model lies in the flat buffers of parameters, gradients and moments.
 * Those that decay come first and the others (biases, LayerNorm) after them, so that weight decay
 * can end at one offset; otherwise they lie in the order in which the model's blocks take them.
 * What is taken at once starts on a full vector register, whatever the sizes before it: so
 * operations may ask it of operands. Nothing reads the elements between but what goes over all of a
 * buffer.
 */
public final class ParameterTable {
  /** Elements of a vector register: 64 bytes in f32. */
  private static final int REGISTER = 16;

  /** What takes parameters: an encoder, a head. */
  @FunctionalInterface
  public interface Block {
    /** Takes all parameters of the block, the same ones in the same order each time. */
    void take(ParameterScope scope);
  }

  /**
   * A parameter and its place.
   *
   * @param offset elements from the start of the flat buffer
   */
  public record Entry(Parameter parameter, long offset) {
    /** Name of the parameter. */
    public String name() {
      return parameter.name();
    }

    /** Sizes of the parameter. */
    public Shape shape() {
      return parameter.shape();
    }
  }

  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final long decayingSize;
  private final long size;

  private ParameterTable(List<List<Parameter>> parameters) {
    decayingSize = aligned(place(parameters, true, 0));
    size = place(parameters, false, decayingSize);
    if (size > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d parameters, expected at most %d".formatted(size, Integer.MAX_VALUE));
    }
  }

  /**
   * The table of a model.
   *
   * @param blocks in the order of their parameters
   * @throws IllegalArgumentException if two parameters have one name, or if there are more elements
   *     than an int counts
   */
  public static ParameterTable of(List<Block> blocks) {
    List<List<Parameter>> parameters = new ArrayList<>();
    for (Block block : blocks) {
      ParameterScope scope =
          new ParameterScope(parts -> Tensor.at(0, name(parts), DType.F32, stacked(parts)));
      block.take(scope);
      parameters.addAll(scope.taken());
    }
    return new ParameterTable(parameters);
  }

  private long place(List<List<Parameter>> parameters, boolean decays, long start) {
    long offset = start;
    for (List<Parameter> together : parameters) {
      if (together.getFirst().decays() != decays) {
        continue;
      }
      offset = aligned(offset);
      for (Parameter parameter : together) {
        if (entries.put(parameter.name(), new Entry(parameter, offset)) != null) {
          throw new IllegalArgumentException("two parameters are called " + parameter.name());
        }
        offset += parameter.shape().size();
      }
    }
    return offset;
  }

  private static long aligned(long offset) {
    return (offset + REGISTER - 1) / REGISTER * REGISTER;
  }

  private static String name(List<Parameter> parts) {
    return switch (parts.size()) {
      case 0 -> "nothing";
      case 1 -> parts.getFirst().name();
      default -> parts.getFirst().name() + " to " + parts.getLast().name();
    };
  }

  /** One below the other, without memory. */
  private static Shape stacked(List<Parameter> parts) {
    int rows = 0;
    for (Parameter part : parts) {
      rows = Math.addExact(rows, part.shape().dimension(0));
    }
    boolean matrix = !parts.isEmpty() && parts.getFirst().shape().rank() == 2;
    return matrix ? Shape.of(rows, parts.getFirst().shape().dimension(1)) : Shape.of(rows);
  }

  /** All parameters in the order of the flat buffer. */
  public List<Entry> entries() {
    return Collections.unmodifiableList(new ArrayList<>(entries.values()));
  }

  /** Whether there is a parameter of that name. */
  public boolean has(String name) {
    return entries.containsKey(name);
  }

  /** Elements of the flat buffer. */
  public int size() {
    return Math.toIntExact(size);
  }

  /** Elements before the first parameter that does not decay. */
  public int decayingSize() {
    return Math.toIntExact(decayingSize);
  }

  /** A parameter within a flat buffer. */
  public Tensor view(Tensor flat, String name) {
    Entry entry = entry(name);
    return flat.view(name, entry.offset(), entry.shape());
  }

  /** What gives a block its parameters as views of a flat buffer. */
  public ParameterScope scope(Tensor flat) {
    return new ParameterScope(parts -> view(flat, parts));
  }

  private Tensor view(Tensor flat, List<Parameter> parts) {
    long offset = parts.isEmpty() ? 0 : entry(parts.getFirst().name()).offset();
    long end = offset;
    for (Parameter part : parts) {
      Entry entry = entry(part.name());
      boolean follows = entry.offset() == end || isVector(parts) && entry.offset() == aligned(end);
      if (!entry.parameter().equals(part) || !follows) {
        throw new IllegalArgumentException(
            "%s at %d, expected %s at %d".formatted(part, end, entry.parameter(), entry.offset()));
      }
      end = entry.offset() + part.shape().size();
    }
    Shape shape = isVector(parts) ? Shape.of(Math.toIntExact(end - offset)) : stacked(parts);
    return flat.view(name(parts), offset, shape);
  }

  private static boolean isVector(List<Parameter> parts) {
    return parts.isEmpty() || parts.getFirst().shape().rank() == 1;
  }

  /**
   * A parameter and its place.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  public Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("no parameter " + name);
    }
    return entry;
  }
}
