from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("execution", "0008_run_is_refresh"),
    ]

    operations = [
        migrations.AlterField(
            model_name="lane",
            name="command",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "nothing"),
                    ("interrupt", "interrupt"),
                    ("stop_run", "interrupt the run"),
                    ("restart", "restart"),
                    ("shutdown", "shutdown"),
                    ("cull", "end the idle kernel"),
                ],
                max_length=10,
            ),
        ),
    ]
