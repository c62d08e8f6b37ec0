package org.mirror4j.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Where a block takes its parameters from, by the names that it has for them. The same code of a
 * block runs twice: for {@link ParameterTable#of}, which takes down what is taken and gives tensors
 * without memory, and for {@link ParameterTable#scope}, which gives views of a flat buffer. So
 * names, shapes, initial values and order are said in one place.
 */
public final class ParameterScope {
  private final String prefix;

  /** What each call has taken. */
  private final List<List<Parameter>> taken;

  private final Function<List<Parameter>, Tensor> memory;

  /**
   * @param memory the tensor of parameters that lie one after the other
   */
  ParameterScope(Function<List<Parameter>, Tensor> memory) {
    this("", new ArrayList<>(), memory);
  }

  private ParameterScope(
      String prefix, List<List<Parameter>> taken, Function<List<Parameter>, Tensor> memory) {
    this.prefix = prefix;
    this.taken = taken;
    this.memory = memory;
  }

  /** The part of this scope whose names start with {@code module} and a dot. */
  public ParameterScope in(String module) {
    return new ParameterScope(prefix + module + ".", taken, memory);
  }

  /**
   * Takes a parameter, or several that then lie side by side as one of more rows.
   *
   * @param parts of the same number of columns, all decaying or none
   */
  public Tensor take(Parameter... parts) {
    List<Parameter> named = Stream.of(parts).map(part -> part.in(prefix)).toList();
    taken.add(named);
    return memory.apply(named);
  }

  /**
   * All that has been taken so far, in any part of the scope, and does not decay, as one vector
   * with what lies between. These are biases and LayerNorm parameters, whose gradients a backward
   * pass adds to.
   */
  public Tensor undecayed() {
    return memory.apply(
        taken.stream().flatMap(List::stream).filter(parameter -> !parameter.decays()).toList());
  }

  /** What each call has taken so far, in any part of the scope. */
  List<List<Parameter>> taken() {
    return taken;
  }
}
