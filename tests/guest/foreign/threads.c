/* POSIX threads: joining, mutexes, conditions, barriers, thread-local data, cancelling, signals to
 * threads, fork and exec beside threads. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 8
#define ROUNDS  2000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static sem_t semaphore;
static pthread_key_t key;
static __thread int local = 5;
static volatile int sum, first_calls, stage, caught;

static void first(void)
{
    first_calls++;
}

static void *add(void *number)
{
    pthread_once(&once, first);
    local += (int)(long)number;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        sum++;
        pthread_mutex_unlock(&mutex);
    }
    pthread_barrier_wait(&barrier);
    return (void *)(long)local;
}

static void *ping(void *unused)
{
    (void)unused;
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&mutex);
        while (stage % 2 == 0) {
            pthread_cond_wait(&changed, &mutex);
        }
        stage++;
        pthread_cond_signal(&changed);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void destroyed(void *value)
{
    printf("destructor of %s\n", (char *)value);
}

static void *cancelled(void *unused)
{
    pthread_setspecific(key, "a thread's value");
    sem_post(&semaphore);
    for (;;) {
        sleep(100);
    }
    return unused;
}

static void on_signal(int number)
{
    (void)number;
    caught = local;
}

static void *receives(void *unused)
{
    local = 42;
    sem_post(&semaphore);
    while (caught == 0) {
        usleep(1000);
    }
    return unused;
}

static void *forks(void *unused)
{
    int status, pid = fork();

    if (pid == 0) {
        _exit(17);
    }
    waitpid(pid, &status, 0);
    printf("fork in a thread: %d\n", WEXITSTATUS(status));
    return unused;
}

int main(void)
{
    pthread_t threads[THREADS], one;
    struct timespec soon;
    void *result;

    setvbuf(stdout, NULL, _IONBF, 0);
    pthread_barrier_init(&barrier, NULL, THREADS);
    sem_init(&semaphore, 0, 0);
    pthread_key_create(&key, destroyed);
    for (long i = 0; i < THREADS; i++) {
        printf("%d ", pthread_create(&threads[i], NULL, add, (void *)i));
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &result);
        printf("%d ", (int)(long)result);
    }
    printf("\nsum %d, once %d, here %d\n", sum, first_calls, local);
    pthread_create(&one, NULL, ping, NULL);
    for (int i = 0; i < 100; i++) {
        pthread_mutex_lock(&mutex);
        stage++;
        pthread_cond_signal(&changed);
        while (stage % 2 != 0) {
            pthread_cond_wait(&changed, &mutex);
        }
        pthread_mutex_unlock(&mutex);
    }
    pthread_join(one, NULL);
    printf("stage %d\n", stage);
    clock_gettime(CLOCK_REALTIME, &soon);
    pthread_mutex_lock(&mutex);
    printf("timed wait: %s\n", strerror(pthread_cond_timedwait(&changed, &mutex, &soon)));
    printf("trylock: %s\n", strerror(pthread_mutex_trylock(&mutex)));
    pthread_mutex_unlock(&mutex);
#ifndef __GLIBC__ /* which loads a shared library for it */
    pthread_create(&one, NULL, cancelled, NULL);
    sem_wait(&semaphore);
    pthread_cancel(one);
    pthread_join(one, &result);
    printf("cancelled %d\n", result == PTHREAD_CANCELED);
#endif
    signal(SIGUSR1, on_signal);
    pthread_create(&one, NULL, receives, NULL);
    sem_wait(&semaphore);
    pthread_kill(one, SIGUSR1);
    pthread_join(one, NULL);
    printf("signal in the thread whose value is %d\n", caught);
    pthread_create(&one, NULL, forks, NULL);
    pthread_join(one, NULL);
    return 0;
}
