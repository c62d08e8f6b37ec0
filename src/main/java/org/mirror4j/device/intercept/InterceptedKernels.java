package org.mirror4j.device.intercept;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.mirror4j.device.operation.Kernels;
import org.mirror4j.device.operation.OperandCheck;
import org.mirror4j.tensor.Tensor;

/**
 * Kernels that check their operands and then leave the operation to whoever listens: to compare it,
 * to do it another way, to count it. Where nobody listens they do nothing and take no memory, so
 * that what is left of a step is what calls them.
 */
public final class InterceptedKernels {
  /** Does operations, or not. */
  @FunctionalInterface
  public interface Listener {
    /**
     * An operation is asked for, and its operands fit.
     *
     * @param operation name of the family's method
     * @param arguments its arguments in their order
     */
    void call(String operation, Object... arguments);
  }

  private record Operation(Method family, Method method) {}

  private static final Map<String, Operation> OPERATIONS = new HashMap<>();

  static {
    for (RecordComponent family : Kernels.class.getRecordComponents()) {
      for (Method method : family.getType().getMethods()) {
        if (method.getDeclaringClass() == family.getType()) {
          OPERATIONS.put(method.getName(), new Operation(family.getAccessor(), method));
        }
      }
    }
  }

  private InterceptedKernels() {}

  /** Does an operation that was intercepted, on the kernels of some device. */
  public static void run(Kernels kernels, String operation, Object... arguments) {
    Operation asked = OPERATIONS.get(operation);
    try {
      asked.method.invoke(asked.family.invoke(kernels), arguments);
    } catch (InvocationTargetException e) {
      switch (e.getCause()) {
        case RuntimeException refused -> throw refused;
        case Error failed -> throw failed;
        default -> throw new IllegalStateException(e.getCause());
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("operations are public", e);
    }
  }

  /** An argument of an operation with other tensors, those inside of records too. */
  public static Object withTensors(Object argument, UnaryOperator<Tensor> other) {
    return switch (argument) {
      case Tensor tensor -> other.apply(tensor);
      case Record operands -> withTensors(operands, other);
      case null -> null;
      default -> argument;
    };
  }

  private static Object withTensors(Record operands, UnaryOperator<Tensor> other) {
    try {
      RecordComponent[] components = operands.getClass().getRecordComponents();
      Class<?>[] types = new Class<?>[components.length];
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        types[i] = components[i].getType();
        values[i] = withTensors(components[i].getAccessor().invoke(operands), other);
      }
      return operands.getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("operands are public records", e);
    }
  }

  /**
   * The kernels.
   *
   * @param listener null for nobody: a call has its arguments in an array, which would be memory
   */
  public static Kernels of(OperandCheck check, Listener listener) {
    return new Kernels(
        new InterceptedMemory(check, listener),
        new InterceptedEmbedding(check, listener),
        new InterceptedProduct(check, listener),
        new InterceptedAttention(check, listener),
        new InterceptedNorm(check, listener),
        new InterceptedActivation(check, listener),
        new InterceptedRow(check, listener),
        new InterceptedLoss(check, listener),
        new InterceptedOptimizer(check, listener),
        new InterceptedFlow(check, listener));
  }
}
